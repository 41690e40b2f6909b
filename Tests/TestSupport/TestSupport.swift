// Comparison helpers shared by every test target.
