"""A provider of texts to test against: Twilio's Messages resource as Twilio documents it, and its
faults.

Real clients speak to it over real HTTP: the list of what it accepted, with wall times, is what a
recipient would have got. Sources: https://www.twilio.com/docs/messaging/api/message-resource,
/docs/usage/requests-to-twilio, /docs/usage/security (signatures), /docs/api/errors.
"""
