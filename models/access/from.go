package access

// From is the answer to a request that comes from a network address; an empty one
// where it is not known.
func (a Answer) From(address string) Answer { return a.from(address) }
