# The API, the worker and the jobs of yekuo in one image; `docker-compose.yml` says which command makes which.
FROM python:3.11.15-slim-bookworm AS builder

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1
COPY requirements.runtime.lock /build/
# Nothing is compiled and nothing is taken that the lock does not hold the hash of.
RUN python -m venv /opt/yekuo \
    && /opt/yekuo/bin/pip install --require-hashes --no-deps --only-binary :all: -r /build/requirements.runtime.lock \
    && /opt/yekuo/bin/python -m compileall -q /opt/yekuo/lib \
    && /opt/yekuo/bin/pip uninstall --yes pip setuptools


FROM python:3.11.15-slim-bookworm

ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="yekuo" \
      org.opencontainers.image.description="Electricity-connection cases (业扩报装) run from BPMN 2.0 diagrams on Temporal" \
      org.opencontainers.image.version="${VERSION}"

# A fixed number, which the owner of a volume can be set to; /var/lib/yekuo gives a new volume its owner.
RUN groupadd --gid 10001 yekuo \
    && useradd --uid 10001 --gid yekuo --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin yekuo \
    && install --directory --owner=yekuo --group=yekuo --mode=0750 /var/lib/yekuo /run/yekuo

COPY --from=builder /opt/yekuo /opt/yekuo
WORKDIR /app
COPY bpmn bpmn
COPY domain domain
COPY storage storage
COPY workflows workflows
COPY activities activities
COPY api api
COPY worker.py ./
RUN /opt/yekuo/bin/python -m compileall -q /app

ENV PATH=/opt/yekuo/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/nonexistent \
    YEKUO_ENVIRONMENT=production \
    YEKUO_VAR=/run/yekuo \
    YEKUO_FILES=/var/lib/yekuo/files
USER 10001:10001
VOLUME ["/var/lib/yekuo"]
EXPOSE 8000

HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/ready', timeout=4)"]
CMD ["uvicorn", "api.app:create_app", "--factory", "--host", "0.0.0.0", "--port", "8000", "--log-level", "warning", "--timeout-graceful-shutdown", "20"]
