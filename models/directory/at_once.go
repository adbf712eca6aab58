package directory

// DecideAtOnce sets for how many people a request decides itself.
func (d *Directories) DecideAtOnce(people int) { d.atOnce = people }
