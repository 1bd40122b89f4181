"""Tables, one store per noun, and the single writer. A store never commits."""
