"""An empty TLS context for clients of servers on loopback.

httpx reads all certificate authorities of the machine for each client, which takes 30 ms and
longer than most requests. These servers speak no TLS, so an empty context does.
"""

import ssl

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
