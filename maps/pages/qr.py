"""QR codes as pictures within the page: nothing is fetched, and the policy allows data: for images."""

import base64
from io import BytesIO


def qr_rows(text: str) -> list[str]:
    """Return a QR code as rows of 1 (dark) and 0 with its quiet zone, for whoever draws it themselves."""
    import qrcode
    from qrcode.constants import ERROR_CORRECT_M

    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=4)
    code.add_data(text)
    code.make(fit=True)
    return ["".join("1" if dark else "0" for dark in row) for row in code.get_matrix()]


def qr_image(text: str) -> str:
    """Return a data: address of an SVG, dark on white with the quiet zone that ISO/IEC 18004 asks for (4 modules)."""
    import qrcode
    from qrcode.constants import ERROR_CORRECT_M
    from qrcode.image.svg import SvgPathFillImage

    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=4, image_factory=SvgPathFillImage)
    code.add_data(text)
    code.make(fit=True)
    buffer = BytesIO()
    code.make_image().save(buffer)
    return "data:image/svg+xml;base64," + base64.b64encode(buffer.getvalue()).decode()
