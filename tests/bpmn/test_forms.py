"""What may be entered into a form, and what is said about what may not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bpmn.feel import Environment
from bpmn.forms import FieldFault
from tests.bpmn.forming import AB, NOON, faults, field, form, problems, required


class TestPresence:
    @pytest.mark.parametrize(
        ("component", "empty"),
        [
            (required("textfield"), ["", None, "  "]),
            (required("textarea"), ["", None]),
            (required("number"), [None]),
            (required("checkbox"), [None, False]),
            (required("select", values=AB), [None, ""]),
            (required("radio", values=AB), [None, ""]),
            (required("checklist", values=AB), [None, []]),
            (required("taglist", values=AB), [None, []]),
            (required("datetime", subtype="date"), [None, ""]),
            (required("filepicker"), [None, "", []]),
        ],
    )
    def test_a_required_field_must_be_there_and_not_empty(self, component: dict[str, Any], empty: list[Any]) -> None:
        assert faults(form(component), {}) == [("x", "必须填写")]
        for value in empty:
            assert faults(form(component), {"x": value}) == [("x", "必须填写")]

    @pytest.mark.parametrize(
        "component",
        [
            field("textfield", "x", validate={"minLength": 3, "pattern": "^a"}),
            field("number", "x", validate={"min": 3}),
            field("checkbox", "x"),
            field("select", "x", values=AB),
            field("checklist", "x", values=AB),
            field("datetime", "x", subtype="time"),
            field("filepicker", "x"),
        ],
    )
    def test_a_field_that_is_not_required_may_be_left_out_or_empty(self, component: dict[str, Any]) -> None:
        empty = {"checklist": [], "checkbox": False, "textfield": ""}.get(component["type"])

        assert faults(form(component), {}) == []
        assert faults(form(component), {"x": None}) == []
        assert faults(form(component), {"x": empty}) == []

    def test_an_unknown_field_is_refused_by_name(self) -> None:
        assert faults(form(field("textfield", "x")), {"x": "a", "y": 1}) == [("y", "本表单没有此项")]

    def test_a_fault_names_the_label_of_its_field(self) -> None:
        assert form(required("textfield")).validate({}, {}, NOON) == (FieldFault("x", "标x", "必须填写"),)

    def test_a_date_is_named_by_its_own_label(self) -> None:
        component = {"type": "datetime", "subtype": "date", "key": "x", "dateLabel": "查勘日期"}

        assert form(component).validate({"x": "?"}, {}, NOON)[0].label == "查勘日期"

    @pytest.mark.parametrize("data", [None, [], "x", 1])
    def test_data_that_is_no_object_is_refused(self, data: Any) -> None:
        assert faults(form(), data) == [("", "提交的内容应为一组填写项")]

    def test_decoration_takes_no_value(self) -> None:
        decorated = form(
            {"type": "text", "text": "# 现场查勘"},
            {"type": "html", "content": "<b>!</b>"},
            {"type": "image", "source": "a.png"},
            {"type": "table", "dataSource": "=rows", "columns": []},
            {"type": "button", "action": "submit"},
            *({"type": kind} for kind in ("spacer", "separator", "iframe", "documentPreview")),
        )

        assert faults(decorated, {}) == []
        assert faults(decorated, {"text": 1}) == [("text", "本表单没有此项")]

    def test_every_fault_is_said_at_once_in_the_order_of_the_form(self) -> None:
        two = form(required("textfield", "a"), required("number", "b"))

        assert faults(two, {"z": 1, "b": "5"}) == [
            ("a", "必须填写"),
            ("b", "应为数字，不能是文字"),
            ("z", "本表单没有此项"),
        ]


class TestText:
    @pytest.mark.parametrize(
        ("value", "problem"), [(5, "数字"), (True, "是或否"), (["a"], "列表"), ({"a": 1}, "一组值")]
    )
    def test_only_text_is_text(self, value: Any, problem: str) -> None:
        assert problems({"type": "textfield"}, value) == [f"应为文字，不能是{problem}"]

    def test_its_length_has_limits(self) -> None:
        component = {"type": "textarea", "validate": {"minLength": 2, "maxLength": "4"}}

        assert problems(component, "张") == ["至少2个字"]
        assert problems(component, " 张三丰 ") == []
        assert problems(component, "张三丰四五") == ["最多4个字"]

    def test_it_follows_a_pattern(self) -> None:
        component = {"type": "textfield", "validate": {"pattern": r"^1[3-9]\d{9}$"}}

        assert problems(component, "13812345678") == []
        assert problems(component, "1381234567") == [r"不符合格式 ^1[3-9]\d{9}$"]

    def test_a_pattern_may_bring_its_own_message(self) -> None:
        validate = {"pattern": r"^\d+$", "patternErrorMessage": "只能填数字"}

        assert problems({"type": "textfield", "validate": validate}, "x") == ["只能填数字"]

    def test_a_text_too_long_for_its_pattern_is_refused(self) -> None:
        assert problems({"type": "textfield", "validate": {"pattern": "a"}}, "b" * 10**6) == ["文字过长，无法核对格式"]

    @pytest.mark.parametrize("value", ["zhang.san@example.com", "a@b"])
    def test_an_address_of_mail_is_taken(self, value: str) -> None:
        assert problems({"type": "textfield", "validate": {"validationType": "email"}}, value) == []

    @pytest.mark.parametrize("value", ["zhang", "@b.com", "a@", "a b@c.com", "a@b..c"])
    def test_what_is_no_address_of_mail_is_refused(self, value: str) -> None:
        assert "电子邮箱" in problems({"type": "textfield", "validate": {"validationType": "email"}}, value)[0]

    @pytest.mark.parametrize(("value", "count"), [("+8613800000000", 0), ("008613800000000", 0), ("13800000000", 1)])
    def test_a_telephone_number_is_international_as_in_form_js(self, value: str, count: int) -> None:
        assert len(problems({"type": "textfield", "validate": {"validationType": "phone"}}, value)) == count


class TestNumber:
    @pytest.mark.parametrize("value", ["5", True, [5], {}, ""])
    def test_only_a_number_is_a_number(self, value: Any) -> None:
        assert problems({"type": "number"}, value)[0].startswith("应为数字，不能是")

    def test_it_has_limits(self) -> None:
        component = {"type": "number", "validate": {"min": 0.1, "max": "1000"}}

        assert problems(component, 0) == ["不得小于0.1"]
        assert problems(component, 0.1) == []
        assert problems(component, 1000) == []
        assert problems(component, 1000.01) == ["不得大于1000"]

    @pytest.mark.parametrize(
        ("digits", "value", "ok"),
        [(0, 5, True), (0, 5.0, True), (0, 5.5, False), (2, 0.25, True), (2, 0.1 + 0.2, False)],
    )
    def test_it_has_so_many_decimals_at_most(self, digits: int, value: float, ok: bool) -> None:
        found = problems({"type": "number", "decimalDigits": digits}, value)

        assert found == ([] if ok else ["应为整数" if digits == 0 else "最多2位小数"])

    @pytest.mark.parametrize(("value", "ok"), [(0.3, True), (0.35, False), (-0.1, True), (1e300, True), (5, True)])
    def test_it_goes_by_steps(self, value: float, ok: bool) -> None:
        assert problems({"type": "number", "increment": "0.1"}, value) == ([] if ok else ["应为0.1的整数倍"])

    def test_it_is_text_where_the_form_says_so(self) -> None:
        component = {"type": "number", "serializeToString": True, "decimalDigits": 1, "validate": {"max": 10}}

        assert problems(component, "9.50") == []
        assert problems(component, "11") == ["不得大于10"]
        assert problems(component, 9) == ["应为写成文字的数字，不能是数字"]
        assert problems(component, "NaN") == ["应为写成文字的数字，不能是文字"]

    def test_a_number_that_is_not_finite_is_refused(self) -> None:
        assert problems({"type": "number"}, float("inf")) == ["应为数字，不能是数字"]

    def test_a_limit_may_be_an_expression(self) -> None:
        component = {"type": "number", "validate": {"max": "=applied * 1.2"}}

        assert problems(component, 120, applied=100) == []
        assert problems(component, 121, applied=100) == ["不得大于120"]

    def test_a_limit_that_gives_no_number_is_said(self) -> None:
        assert problems({"type": "number", "validate": {"max": "=absent * 2"}}, 5) == [
            "限值的公式没有得出数字，无法核对"
        ]


class TestChoice:
    def test_only_an_option_can_be_chosen(self) -> None:
        assert problems({"type": "select", "values": AB}, "a") == []
        assert problems({"type": "radio", "values": AB}, "c") == ["“c”不在选项中"]
        assert problems({"type": "radio", "values": AB}, ["a"]) == ["列表不在选项中"]

    def test_several_options_are_a_list_without_repetition(self) -> None:
        assert problems({"type": "checklist", "values": AB}, ["b", "a"]) == []
        assert problems({"type": "taglist", "values": AB}, ["a", "a", "c"]) == ["“a”重复", "“c”不在选项中"]
        assert problems({"type": "checklist", "values": AB}, "a") == ["应为若干选项的列表，不能是文字"]

    def test_true_is_not_one(self) -> None:
        assert problems({"type": "select", "values": [{"label": "一", "value": 1}]}, True) == ["“是”不在选项中"]

    def test_options_may_come_from_the_case(self) -> None:
        component = {"type": "select", "valuesKey": "stations"}
        stations = [{"label": "一站", "value": "S1"}, "S2", None]

        assert problems(component, "S1", stations=stations) == []
        assert problems(component, "S2", stations=stations) == []
        assert problems(component, "S3", stations=stations) == ["“S3”不在选项中"]
        assert problems(component, "S1") == ["选项的来源没有给出列表，无法核对"]

    def test_options_may_be_computed(self) -> None:
        component = {"type": "select", "valuesExpression": "=for s in stations return s.no"}

        assert problems(component, "S2", stations=[{"no": "S1"}, {"no": "S2"}]) == []
        assert problems(component, "S3", stations=[{"no": "S1"}]) == ["“S3”不在选项中"]

    def test_an_option_may_be_an_object(self) -> None:
        component = {"type": "select", "values": [{"label": "一站", "value": {"no": 1, "kv": 110}}]}

        assert problems(component, {"kv": 110.0, "no": 1}) == []
        assert problems(component, {"no": 1}) == ["一组值不在选项中"]


class TestFiles:
    @pytest.mark.parametrize("value", ["sha256-1", {"documentId": "d1"}, ["sha256-1"]])
    def test_a_reference_to_a_stored_file_is_taken(self, value: Any) -> None:
        assert problems({"type": "filepicker"}, value) == []

    @pytest.mark.parametrize("value", [5, {"documentId": ""}, [" "], {"name": "a.pdf"}])
    def test_anything_else_is_refused(self, value: Any) -> None:
        assert problems({"type": "filepicker"}, value) == ["应为已上传文件的编号"]

    def test_several_only_where_the_form_takes_several(self) -> None:
        assert problems({"type": "filepicker"}, ["a", "b"]) == ["只能有一个文件"]
        assert problems({"type": "filepicker", "multiple": True}, ["a", "b"]) == []
        assert problems({"type": "filepicker", "multiple": "=many"}, ["a", "b"], many=False) == ["只能有一个文件"]


class TestHidden:
    FORM = form(
        field("checkbox", "important"),
        required("textfield", "reason", conditional={"hide": "=important != true"}),
    )

    def test_a_visible_required_field_is_missed(self) -> None:
        assert faults(self.FORM, {"important": True}) == [("reason", "必须填写")]

    def test_a_hidden_required_field_is_not_missed(self) -> None:
        assert faults(self.FORM, {"important": False}) == []
        assert faults(self.FORM, {}) == []

    @pytest.mark.parametrize("value", ["x", "", None])
    def test_a_hidden_field_must_not_be_filled_in(self, value: Any) -> None:
        data = {"important": False, "reason": value}

        assert faults(self.FORM, data) == [("reason", "此项在当前条件下不显示，不得填写")]

    def test_a_condition_sees_the_variables_of_the_case(self) -> None:
        assert faults(self.FORM, {}, {"important": True}) == [("reason", "必须填写")]

    def test_what_is_entered_goes_before_the_variables_of_the_case(self) -> None:
        assert faults(self.FORM, {"important": False}, {"important": True}) == []

    def test_a_field_left_out_has_its_empty_value_in_conditions(self) -> None:
        conditional = form(
            field("checklist", "papers", values=AB),
            field("textfield", "note"),
            required("textfield", "x", conditional={"hide": '=count(papers) = 0 and note = ""'}),
        )

        assert faults(conditional, {}) == []
        assert faults(conditional, {"note": "!"}) == [("x", "必须填写")]

    def test_a_condition_that_fails_hides_nothing(self) -> None:
        assert faults(form(required("textfield", conditional={"hide": "=absent.a > 1"})), {}) == [("x", "必须填写")]

    def test_what_a_hidden_group_encloses_is_hidden(self) -> None:
        inner = {"type": "group", "components": [required("textfield")]}
        outer = form({"type": "group", "conditional": {"hide": "=off"}, "components": [inner]})

        assert faults(outer, {}, {"off": True}) == []
        assert faults(outer, {"x": "a"}, {"off": True}) == [("x", "此项在当前条件下不显示，不得填写")]
        assert faults(outer, {}, {"off": False}) == [("x", "必须填写")]

    def test_an_expression_that_takes_too_long_is_a_fault_of_its_field(self) -> None:
        slow = form(required("textfield", conditional={"hide": "=count(for a in 1..100000 return a) > 0"}))
        env = Environment(NOON.now, NOON.zone, budget=1000)

        assert faults(slow, {"x": "a"}, env=env) == [("x", "条件或公式的计算量超出限额，无法核对")]

    def test_a_condition_may_use_functions_with_spaces_in_their_names(self) -> None:
        name = "working days between"
        component = required("textfield", conditional={"hide": f"={name}(a, b) > 3"})
        env = Environment(NOON.now, NOON.zone, {name: lambda a, b: b - a})

        assert faults(form(component, names=frozenset({name})), {}, {"a": 1, "b": 5}, env) == []
        assert faults(form(component, names=frozenset({name})), {}, {"a": 1, "b": 4}, env) == [("x", "必须填写")]


class TestLocked:
    def test_a_disabled_field_must_not_be_filled_in_and_is_not_missed(self) -> None:
        disabled = form(required("textfield", disabled=True))

        assert faults(disabled, {}) == []
        assert faults(disabled, {"x": "a"}) == [("x", "此项已停用，不得填写")]

    def test_a_read_only_field_may_be_repeated_but_not_changed(self) -> None:
        locked = form(field("number", "x", readonly=True))

        assert faults(locked, {}, {"x": 10}) == []
        assert faults(locked, {"x": 10.0}, {"x": 10}) == []
        assert faults(locked, {"x": 11}, {"x": 10}) == [("x", "此项只读，不得修改")]
        assert faults(locked, {"x": None}, {"x": 10}) == [("x", "此项只读，不得修改")]

    def test_a_read_only_field_that_the_case_lacks_shows_its_default_or_nothing(self) -> None:
        locked = form(field("textfield", "x", readonly=True, defaultValue="甲"))

        assert faults(locked, {"x": "甲"}) == []
        assert faults(locked, {"x": ""}) == []
        assert faults(locked, {"x": "乙"}) == [("x", "此项只读，不得修改")]

    def test_a_required_read_only_field_needs_a_value_in_the_case(self) -> None:
        locked = form(required("textfield", readonly=True))

        assert faults(locked, {}, {"x": "甲"}) == []
        assert faults(locked, {}) == [("x", "必须填写")]

    def test_a_field_may_be_read_only_by_an_expression(self) -> None:
        locked = form(field("textfield", "x", readonly="=signed"))

        assert faults(locked, {"x": "乙"}, {"x": "甲", "signed": False}) == []
        assert faults(locked, {"x": "乙"}, {"x": "甲", "signed": True}) == [("x", "此项只读，不得修改")]

    def test_a_computed_field_may_be_left_out_or_hold_what_it_computes(self) -> None:
        computed = form(field("number", "a"), field("expression", "sum", expression="=a * 1.1", computeOn="change"))

        assert faults(computed, {"a": 3}) == []
        assert faults(computed, {"a": 3, "sum": 3.3000000000000003}) == []
        assert faults(computed, {"a": 3, "sum": 4}) == [("sum", "由公式得出，应为3.3，不能是4")]


class TestPaths:
    def test_a_group_with_a_path_holds_its_fields_in_an_object(self) -> None:
        plan = form({"type": "group", "path": "plan.source", "components": [required("number", "kv")]})

        assert faults(plan, {"plan": {"source": {"kv": 10}}}) == []
        assert faults(plan, {"plan": {"source": {"kw": 10}}}) == [
            ("plan.source.kv", "必须填写"),
            ("plan.source.kw", "本表单没有此项"),
        ]
        assert faults(plan, {"plan": 5}) == [("plan.source.kv", "必须填写"), ("plan", "应为一组填写项")]

    def test_a_key_may_be_a_path(self) -> None:
        contact = form(required("textfield", "contact.name"), field("textfield", "contact.phone"))

        assert faults(contact, {"contact": {"name": "张三"}}) == []
        assert faults(contact, {}) == [("contact.name", "必须填写")]

    def test_conditions_see_what_is_entered_beside_what_the_case_holds(self) -> None:
        merged = form(
            {"type": "group", "path": "plan", "components": [field("number", "kv")]},
            required("textfield", conditional={"hide": "=plan.kv = 10 and plan.lines = 2"}),
        )

        assert faults(merged, {"plan": {"kv": 10}}, {"plan": {"kv": 35, "lines": 2}}) == []


class TestRows:
    ROW = (
        required("textfield", "item"),
        field("number", "quantity", validate={"required": True, "min": 1}),
        field("checkbox", "special"),
        required("textfield", "note", conditional={"hide": "=this.special != true"}),
    )
    LIST = {"type": "dynamiclist", "path": "materials", "label": "材料", "isRepeating": True, "components": list(ROW)}
    FORM = form(LIST)

    def test_each_row_is_held_against_the_fields(self) -> None:
        rows = [{"item": "电缆", "quantity": 2}, {"item": "", "quantity": 0, "colour": "红"}]

        found = self.FORM.validate({"materials": rows}, {}, NOON)

        assert found == (
            FieldFault("materials[2].item", "材料第2行 标item", "必须填写"),
            FieldFault("materials[2].quantity", "材料第2行 标quantity", "不得小于1"),
            FieldFault("materials[2].colour", "材料第2行 colour", "本表单没有此项"),
        )

    def test_a_condition_sees_its_own_row(self) -> None:
        rows = [
            {"item": "电缆", "quantity": 2, "special": True},
            {"item": "电缆", "quantity": 2, "special": False, "note": "x"},
        ]

        assert faults(self.FORM, {"materials": rows}) == [
            ("materials[1].note", "必须填写"),
            ("materials[2].note", "此项在当前条件下不显示，不得填写"),
        ]

    def test_no_rows_are_no_fault(self) -> None:
        assert faults(self.FORM, {"materials": []}) == []
        assert faults(self.FORM, {}) == []

    @pytest.mark.parametrize(
        ("value", "key"), [({"item": "电缆"}, "materials"), ("x", "materials"), (["x"], "materials[1]")]
    )
    def test_what_is_no_list_of_rows_is_refused(self, value: Any, key: str) -> None:
        assert [fault for fault, _ in faults(self.FORM, {"materials": value})] == [key]

    def test_a_hidden_list_must_not_be_filled_in(self) -> None:
        hidden = form({**self.LIST, "conditional": {"hide": "=true"}})

        assert faults(hidden, {"materials": []}) == [("materials", "此项在当前条件下不显示，不得填写")]
        assert faults(hidden, {}) == []

    def test_rows_within_rows_know_their_numbers_and_what_encloses_them(self) -> None:
        inner = {
            "type": "dynamiclist",
            "path": "parts",
            "label": "部件",
            "isRepeating": True,
            "components": [
                required(
                    "textfield", "name", conditional={"hide": "=parent.short and i[1] = 2 and i[2] = 1 and _i_[2] = 1"}
                ),
            ],
        }
        outer = {"type": "dynamiclist", "path": "sets", "label": "组", "isRepeating": True}
        nested = form({**outer, "components": [field("checkbox", "short"), inner]})

        data = {"sets": [{"short": True, "parts": [{}]}, {"short": True, "parts": [{}, {}]}]}

        assert [(f.key, f.label) for f in nested.validate(data, {}, NOON)] == [
            ("sets[1].parts[1].name", "组第1行 部件第1行 标name"),
            ("sets[2].parts[2].name", "组第2行 部件第2行 标name"),
        ]

    def test_where_rows_may_not_be_added_their_number_is_that_of_the_case(self) -> None:
        fixed = form({**self.LIST, "allowAddRemove": False, "components": [field("textfield", "item", readonly=True)]})
        case = {"materials": [{"item": "电缆"}, {"item": "开关"}]}

        assert faults(fixed, case, case) == []
        assert faults(fixed, {"materials": [{"item": "电缆"}]}, case) == [("materials", "行数固定为2，不能是1")]
        assert faults(fixed, {"materials": [{"item": "电缆"}, {"item": "变压器"}]}, case) == [
            ("materials[2].item", "此项只读，不得修改")
        ]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.just(10**400) | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "item", "rows", "this"]), inner),
    max_leaves=8,
)
EVERYTHING = form(
    required("textfield", "text"),
    field("number", "number", increment=0.1, decimalDigits=1),
    field("select", "select", valuesExpression="=text"),
    field("datetime", "date", subtype="date", disallowPassedDates=True),
    field("datetime", "time", subtype="datetime", timeSerializingFormat="utc_offset", disallowPassedDates=True),
    field("taglist", "tags", valuesKey="number"),
    field("filepicker", "file"),
    field("expression", "sum", expression="=number + 1"),
    field("textfield", "locked", readonly="=text"),
    {
        "type": "dynamiclist",
        "path": "rows",
        "isRepeating": True,
        "components": [field("textfield", "item", conditional={"hide": "=this.a > 1"}), field("number", "a")],
    },
)
KEYS = st.sampled_from(["text", "number", "select", "date", "time", "tags", "file", "sum", "locked", "rows", "other"])


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(KEYS, json_values), st.dictionaries(KEYS, json_values))
def test_whatever_json_is_entered_gets_an_answer_and_the_same_one_twice(
    data: dict[str, Any], variables: dict[str, Any]
) -> None:
    before = json.dumps([data, variables])
    found = EVERYTHING.validate(data, variables, NOON)

    assert found == EVERYTHING.validate(data, variables, NOON)
    assert json.dumps([data, variables]) == before
    assert ("other" in data) is any(fault.key == "other" for fault in found)


def test_data_nested_too_deeply_is_refused() -> None:
    entered: Any = "x"
    for _ in range(2000):
        entered = [entered]
    choice = form(field("select", "x", valuesKey="options"))
    assert faults(choice, {"x": entered}, {"options": ["a"]}) == [("x", "列表不在选项中")]
    assert faults(choice, {"x": {"a": entered}}, {"options": [{"value": {"a": entered}}]}) == [
        ("", "提交的内容嵌套过深")
    ]
