"""Facts from one service to another: outbox, relay, consumer, inbox, offsets, dead letters."""
