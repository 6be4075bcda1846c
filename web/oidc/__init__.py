"""Sign-in by an OpenID Connect provider: allauth's flow, with the checks that it leaves out."""
