"""Small mistakes: every place of a file with every change that can be made there, and the code with one of them.

A comparison turned round, a bound moved by one, a field that a step forgets to set, a call left out. Texts are left
alone.
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from types import CodeType

from _part import ROOT

SOURCE = ROOT / "src"


@dataclass(frozen=True, slots=True)
class Mutant:
    file: str
    number: int
    line: int
    function: str
    change: str
    """What was changed, in source: survivors are known by file, function and this."""

    @property
    def key(self) -> str:
        return f"{self.file}|{self.function}|{self.change}"

    @property
    def name(self) -> str:
        """Its own, since one function may hold the same change twice."""
        return f"{self.key}|{self.number}"


Edit = Callable[[], None]

TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
SWAPPED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult, ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}  # fmt: skip


def sites(tree: ast.Module) -> Iterator[tuple[ast.AST, str, str, Edit]]:
    """Every place with every change that can be made there: the node, its function, what changes, and the edit."""
    yield from _within(tree, "")


def _within(node: ast.AST, function: str) -> Iterator[tuple[ast.AST, str, str, Edit]]:
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "type_params", "names"):
            continue
        for place, child in enumerate(value if isinstance(value, list) else [value]):
            if not isinstance(child, ast.AST):
                continue
            inner = function
            if isinstance(child, (ast.FunctionDef, ast.ClassDef)):
                inner = f"{function}.{child.name}".strip(".")
            put = _putter(node, name, place if isinstance(value, list) else None)
            for change, edit in _changes(child, put):
                yield child, function, change, edit
            yield from _within(child, inner)


def _putter(parent: ast.AST, name: str, place: int | None) -> Callable[[ast.AST], None]:
    def put(new: ast.AST) -> None:
        if place is None:
            setattr(parent, name, new)
        else:
            getattr(parent, name)[place] = new

    return put


def _changes(node: ast.AST, put: Callable[[ast.AST], None]) -> Iterator[tuple[str, Edit]]:
    said = ast.unparse(node) if isinstance(node, (ast.expr, ast.stmt)) else ""
    short = said.splitlines()[0][:100] if said else ""

    def instead(new: ast.AST) -> Edit:
        return lambda: put(ast.copy_location(new, node))

    match node:
        case ast.Compare(ops=ops):
            for place, op in enumerate(ops):
                if type(op) in TURNED:
                    new = TURNED[type(op)]
                    yield (
                        f"{short}  [{place}: {new.__name__}]",
                        lambda p=place, n=new: ops.__setitem__(p, n()),
                    )
        case ast.BoolOp(op=op):
            new_op = ast.Or() if isinstance(op, ast.And) else ast.And()
            yield f"{short}  [{type(new_op).__name__}]", lambda: setattr(node, "op", new_op)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield f"{short}  [without not]", instead(operand)
        case ast.BinOp(op=op) if type(op) in SWAPPED:
            swapped = SWAPPED[type(op)]
            yield f"{short}  [{swapped.__name__}]", lambda: setattr(node, "op", swapped())
        case ast.Constant(value=bool(value)):
            yield f"{short}  [{not value}]", instead(ast.Constant(not value))
        case ast.Constant(value=int(value)):
            yield f"{short}  [{value + 1}]", instead(ast.Constant(value + 1))
        case ast.Return(value=ast.expr() as value) if not _is_none(value):
            yield f"{short}  [return None]", instead(ast.Return(ast.Constant(None)))
        case ast.Expr(value=ast.Call()) | ast.Raise() | ast.AugAssign() | ast.Continue() | ast.Break():
            yield f"{short}  [left out]", instead(ast.Pass())
        case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test):
            turned = ast.copy_location(ast.UnaryOp(ast.Not(), test), test)
            yield f"if {ast.unparse(test)[:90]}  [if not]", lambda: setattr(node, "test", turned)
        case ast.comprehension(ifs=[_, *_] as ifs):
            for place, one in enumerate(ifs):
                yield f"if {ast.unparse(one)[:90]}  [of any]", lambda p=place: ifs.__delitem__(p)
        case ast.match_case(guard=ast.expr() as guard):
            turned = ast.copy_location(ast.UnaryOp(ast.Not(), guard), guard)
            yield f"case if {ast.unparse(guard)[:90]}  [if not]", lambda: setattr(node, "guard", turned)
        case _:
            pass
    if isinstance(node, ast.Call) and not _is_dataclass_field(node):
        for place, keyword in enumerate(node.keywords):
            if keyword.arg:
                yield f"{short}  [without {keyword.arg}]", lambda p=place: node.keywords.__delitem__(p)


def _is_none(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def _is_dataclass_field(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Name) and node.func.id in ("dataclass", "field")


def mutants_of(file: str) -> list[Mutant]:
    tree = ast.parse((SOURCE / file).read_text("utf-8"))
    return [
        Mutant(file, number, getattr(node, "lineno", 0), function, change)
        for number, (node, function, change, _) in enumerate(sites(tree))
    ]


def code_of(mutant: Mutant) -> CodeType:
    tree = ast.parse((SOURCE / mutant.file).read_text("utf-8"))
    edit = next(edit for number, (_, _, _, edit) in enumerate(sites(tree)) if number == mutant.number)
    edit()
    return _compiled(mutant.file, tree)


@cache
def code_without(file: str) -> CodeType:
    """The code of a file without any mistake in it."""
    return _compiled(file, ast.parse((SOURCE / file).read_text("utf-8")))


def _compiled(file: str, tree: ast.Module) -> CodeType:
    return compile(ast.fix_missing_locations(tree), str(SOURCE / file), "exec")
