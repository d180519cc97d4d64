"""What is written to the public and to the préfecture's own people, and what it may say."""
