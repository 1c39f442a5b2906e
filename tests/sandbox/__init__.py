"""The sandbox: issuer, stand-ins and examples, as a partner meets them."""
