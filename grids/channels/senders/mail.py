"""E-mail, by Django's own mail with the server that the environment names."""

import smtplib
import socket
import ssl
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils import translation
from django.utils.translation import gettext as _

from grids.channels.letters import DELIVERED, Answer, Letter, Outcome

LONGEST_SUBJECT = 120


def ready() -> bool:
    """Whether a mail server is set."""
    return bool(settings.EMAIL_FROM)


def send(letter: Letter) -> Answer:
    """Send a letter as plain text."""
    domain = parseaddr(settings.EMAIL_FROM)[1].partition("@")[2] or "localhost"
    message = EmailMessage(
        subject=letter.title[:LONGEST_SUBJECT],
        body=text_of(letter),
        from_email=settings.EMAIL_FROM,
        to=[letter.address["email"]],
        # The same id however often it is tried: a mailbox may show it once. RFC 3834 keeps robots from answering.
        headers={"Message-ID": f"<{letter.id}@{domain}>", "Auto-Submitted": "auto-generated"},
        connection=get_connection(timeout=settings.EMAIL_TIMEOUT),
    )
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _text in error.recipients.values()]
        return _refused(codes[0] if codes else 550)
    except smtplib.SMTPAuthenticationError as error:
        return Answer(Outcome.FAILED, "login", f"SMTP {error.smtp_code}")
    except smtplib.SMTPConnectError as error:
        return Answer(Outcome.FAILED, "unreachable", f"SMTP {error.smtp_code}")
    except smtplib.SMTPResponseException as error:
        return _refused(error.smtp_code)
    except smtplib.SMTPServerDisconnected:
        return Answer(Outcome.UNKNOWN, "broken")
    except (ConnectionRefusedError, socket.gaierror):
        return Answer(Outcome.FAILED, "unreachable")
    except ssl.SSLError:
        return Answer(Outcome.FAILED, "tls")
    except TimeoutError:
        return Answer(Outcome.UNKNOWN, "slow")
    except (smtplib.SMTPException, OSError):
        return Answer(Outcome.UNKNOWN, "broken")
    return DELIVERED


def text_of(letter: Letter) -> str:
    """Return the text of a letter in the reader's language."""
    with translation.override(letter.language):
        parts = []
        for item in letter.items:
            urgent = _("Urgent: %(line)s") % {"line": item.line} if item.urgent else item.line
            parts.append("\n".join(filter(None, [urgent, item.url])))
        if letter.settings_url:
            parts.append(_("What you are told, and how, is set here: %(url)s") % {"url": letter.settings_url})
    return "\n\n".join(parts) + "\n"


def _refused(code: int) -> Answer:
    outcome = Outcome.REFUSED if code >= 500 else Outcome.FAILED
    return Answer(outcome, "refused" if code >= 500 else "busy", f"SMTP {code}")
