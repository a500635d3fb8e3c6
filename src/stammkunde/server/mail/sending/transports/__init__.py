"""Ways out of the house, one a file; `transport` gives the one that the shop has chosen."""

from collections.abc import Callable, Mapping

from stammkunde.server.lib.seal import unseal
from stammkunde.server.mail.models import Sender
from stammkunde.server.mail.sending.transports import anymail, captured, smtp
from stammkunde.server.mail.sending.transports.base import ConfigurationError, Session

OWN: Mapping[str, Callable[[Sender, Mapping[str, str]], Session]] = {"captured": captured.session, "smtp": smtp.session}


def open_session(sender: Sender) -> Session:
    """A connection for one thread; what is not `OWN` is a provider's name, as django-anymail has it.

    Raises
    ------
    ConfigurationError : what was set cannot work as it is: no such provider, a wrong password, no encryption.
    ProviderError : nobody answers, or is asked to wait.
    """
    try:
        secrets = unseal(sender.secrets)
    except ValueError as error:
        raise ConfigurationError(str(error)) from error
    return OWN.get(sender.transport, anymail.session)(sender, secrets)
