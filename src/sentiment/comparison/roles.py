"""The protocols that tests, sentences and links speak of by name, and what each is there for."""

# It repeats the lesson: what was printed of the lesson means nothing beside another protocol.
TAUGHT = "lecture"
# Its validation reviews share no movie with those trained on, so it chooses the champion.
MEASURED = "bymovie"
