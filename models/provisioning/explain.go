package provisioning

// Trace is why a condition holds for a profile or why it does not: the tree of
// the condition, with at each comparison what was found.
type Trace struct {
	Holds bool
	// Condition is this node. Of a group, what is under it stands in Under.
	Condition Condition
	Under     []Trace

	// Of a comparison: what the profile knows of the attribute, the values it
	// has, and, when one of them decided, that value and its source.
	State   State
	Values  []string
	Decided string
	Source  Source
}

// Explain evaluates the condition of a connector, on or not, for a profile, and
// says what it saw everywhere: unlike Resolve it does not stop at what decides.
// A condition that does not pass Check is refused with that error.
func Explain(c Connector, p Profile) (Trace, error) {
	if err := c.Condition.Check(); err != nil {
		return Trace{}, err
	}
	compiled, err := c.Condition.compile()
	if err != nil {
		return Trace{}, err
	}
	return compiled.trace(&c.Condition, &p), nil
}

func (t *test) trace(c *Condition, p *Profile) Trace {
	out := Trace{Condition: *c}
	under := c.under()
	held := 0
	for i := range t.under {
		trace := t.under[i].trace(&under[i], p)
		if trace.Holds {
			held++
		}
		out.Under = append(out.Under, trace)
	}
	switch t.form {
	case allOf:
		out.Holds = held == len(under)
	case anyOf:
		out.Holds = held > 0
	case notOf:
		out.Holds = held == 0
	case comparison:
		t.traceComparison(&out, p)
	}
	return out
}

func (t *test) traceComparison(out *Trace, p *Profile) {
	f := p.field(t.attribute)
	at := t.find(f)
	out.Holds = t.satisfied(at)
	out.State = p.State(t.attribute)
	out.Values = p.Values(t.attribute)
	if f == nil {
		return
	}
	out.Source = f.source
	if at < 0 {
		return
	}
	v := &f.values[at]
	out.Decided = v.shown
	if v.source != nil {
		out.Source = *v.source
	}
}
