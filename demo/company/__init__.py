"""A sample company: three counties, thirty officers, and forty cases that stand at every stage."""
