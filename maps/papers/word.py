"""A sheet or a receipt as DOCX (Office Open XML, ECMA-376): A4 across, Chinese fonts named, photos small."""

from collections.abc import Callable
from io import BytesIO

from django.utils.translation import gettext as _
from docx import Document
from docx.document import Document as DocumentFile
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.styles.style import ParagraphStyle
from docx.table import Table, _Cell

from maps.papers.content import SHEET, Line, Paper
from patrols.models import Photo
from patrols.photos import storage

# Both come with Windows and WPS; elsewhere a program puts its own in their place.
BODY_FONT, HEAD_FONT, LATIN_FONT = "宋体", "黑体", "Times New Roman"
PHOTO_WIDTH = Cm(3.2)
MARGIN = Cm(1.8)
Step = Callable[[int], None]
Column = tuple[str, float, Callable[[Line], str]]


def docx_of(paper: Paper, step: Step = lambda _done: None) -> bytes:
    """Return a paper as a file; `step` is told before each line how many are done."""
    document = Document()
    _set_up(document, paper)
    title = document.add_paragraph(paper.title, style="Title")
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for label, value in paper.facts:
        line = document.add_paragraph()
        line.add_run(f"{label}  ").bold = True
        line.add_run(value)
    _table(document, paper, step)
    _signatures(document, paper)
    buffer = BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _set_up(document: DocumentFile, paper: Paper) -> None:
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Cm(29.7), Cm(21.0)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = MARGIN
    for name, font, size in (("Normal", BODY_FONT, 10.5), ("Title", HEAD_FONT, 20)):
        style = document.styles[name]
        assert isinstance(style, ParagraphStyle)
        _name_font(style, font)
        style.font.size = Pt(size)
        style.paragraph_format.space_after = Pt(3)
    core = document.core_properties
    core.title, core.author, core.comments = f"{paper.title} {paper.sheet.number}", str(paper.sheet.made_by), ""
    footer = section.footer.paragraphs[0]
    footer.text = f"{paper.title} {paper.sheet.number}"
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _name_font(style: ParagraphStyle, font: str) -> None:
    """Name the font of a style: what Word calls East Asian is an attribute that the library does not set."""
    style.font.name = LATIN_FONT
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for attribute in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
        fonts.attrib.pop(qn(attribute), None)
    fonts.set(qn("w:eastAsia"), font)


def _columns(paper: Paper) -> list[Column]:
    first: list[Column] = [
        (_("No."), 1.1, lambda line: str(line.item.position)),
        (_("Case number"), 3.0, lambda line: line.number),
        (_("Category"), 2.6, lambda line: line.category),
        (_("Place"), 4.2, lambda line: line.place),
    ]
    if paper.what == SHEET:
        more: list[Column] = [
            (_("Description"), 4.8, lambda line: line.description),
            (_("Time limit"), 2.8, lambda line: line.due),
            (_("State"), 1.9, lambda line: line.state),
        ]
        return [*first, *more, (_("Photos"), 5.7, lambda _line: "")]
    return [
        *first,
        (_("What was done"), 6.6, lambda line: line.done),
        (_("Done on"), 2.8, lambda line: line.answered),
        (_("Photo after"), 5.8, lambda _line: ""),
    ]


def _table(document: DocumentFile, paper: Paper, step: Step) -> None:
    columns = _columns(paper)
    table = document.add_table(rows=1, cols=len(columns), style="Table Grid")
    table.autofit = False
    heading = table.rows[0]
    for cell, (label, _width, _value) in zip(heading.cells, columns, strict=True):
        _write(cell, label, bold=True)
    _repeat(table)
    for done, line in enumerate(paper.lines):
        step(done)
        # Each call of table.rows or cells looks through all of them: a row is taken once, as it is made.
        cells = table.add_row().cells
        for cell, (_label, _width, value) in zip(cells, columns, strict=True):
            _write(cell, value(line))
        for photo in line.photos:
            _add_photo(cells[-1], photo)
    for column, (_label, width, _value) in zip(table.columns, columns, strict=True):
        column.width = Cm(width)
    for row in table.rows:
        for cell, (_label, width, _value) in zip(row.cells, columns, strict=True):
            cell.width = Cm(width)


def _repeat(table: Table) -> None:
    """Let the headings stand on every page."""
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    table.rows[0]._tr.get_or_add_trPr().append(mark)


def _write(cell: _Cell, text: str, *, bold: bool = False) -> None:
    run = cell.paragraphs[0].add_run(_printable(text))
    run.bold = bold


def _printable(text: str) -> str:
    """Leave out control characters, which XML does not hold."""
    return "".join(one for one in text if one in "\n\t" or ord(one) >= 32)


def _add_photo(cell: _Cell, photo: Photo) -> None:
    try:
        with storage.read(photo.small) as stream:
            picture = BytesIO(stream.read())
    except FileNotFoundError:
        _write(cell, _("(the photo is missing)"))
        return
    cell.paragraphs[0].add_run().add_picture(picture, width=PHOTO_WIDTH if photo.width >= photo.height else Cm(2.2))


def _signatures(document: DocumentFile, paper: Paper) -> None:
    document.add_paragraph()
    table = document.add_table(rows=1, cols=len(paper.signatures))
    for cell, label in zip(table.rows[0].cells, paper.signatures, strict=True):
        _write(cell, _("%(label)s: ____________________") % {"label": label})
