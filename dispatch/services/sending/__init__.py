"""Sending what is due, a batch at a time: three short transactions, and the provider between.

1. ``claim_due`` leases rows that are due to one worker, under one random token. What others have
   is passed over, so any number of workers take different rows and wait for nobody.
2. ``begin`` waits for whoever stops an address just now (``dispatch.agreeing``). It locks the
   visits of the batch, with the lock that cancelling takes, and passes over those that somebody
   else has just now: they are looked at again in a blink.
3. Under the locks it reads everything anew and asks of each message whether it still has its
   reason, whether the hour is right, which way leads to the person and what the line can take.
4. For each that goes out it writes the attempt, makes the lease whole again, and commits.
5. The worker calls the providers, outside every transaction, under keys that stay the same at
   every try. What cannot be called before the lease ends is given back.
6. ``settle`` writes what became of the calls, for those whose lease is still the one that was
   begun: sent, tried later, or on to the next way.

A worker that dies anywhere leaves a lease that runs out; the next one repeats the call under the
same key.
"""

from dispatch.services.sending.beginning import Sending, begin
from dispatch.services.sending.claiming import LEASE, Lease, claim_due, put_off
from dispatch.services.sending.settling import Answer, settle

__all__ = ["LEASE", "Answer", "Lease", "Sending", "begin", "claim_due", "put_off", "settle"]
