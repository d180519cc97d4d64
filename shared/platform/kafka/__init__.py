"""Kafka: how it is reached, its topics, and what they hold."""
