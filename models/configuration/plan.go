package configuration

import (
	"context"
	"slices"
	"strings"

	"locum/models/store"
)

// Sign says what a change does to a thing.
type Sign byte

// The signs of changes, as a plan shows them.
const (
	Created Sign = '+'
	Changed Sign = '~'
	Removed Sign = '-'
)

// Field is one fact of a thing that changes. A thing that is made had none
// before.
type Field struct{ Name, Old, New string }

// Change is one thing that a document makes, changes or removes.
type Change struct {
	Sign   Sign
	Kind   string // organization, connector, …
	Name   string
	Fields []Field

	do func(w *work) error
}

// Part is what a document changes in one transaction: in the platform or in a
// company.
type Part struct {
	Title   string // Platform, or Company and its name
	Changes []Change
	// Left are things that the document does not mention, and that stay.
	Left []string
	// Notes are what the document cannot bring about.
	Notes  []string
	People People

	company  *Company // nil for the platform
	id       string   // of the company; empty for the platform and a new company
	assumed  *standing
	evaluate bool // whether everyone known is evaluated again
	newKeys  int  // of connections that are made
}

// Empty says that there is nothing to change.
func (p Part) Empty() bool { return len(p.Changes) == 0 }

func (p *Part) add(c Change) { p.Changes = append(p.Changes, c) }

// change adds a change of a thing that stands, unless none of the fields
// differs.
func (p *Part) change(kind, name string, fields []Field, do func(*work) error) {
	fields = slices.DeleteFunc(fields, func(f Field) bool { return f.Old == f.New })
	if len(fields) > 0 {
		p.add(Change{Changed, kind, name, fields, do})
	}
}

// create adds a change that makes a thing. What is empty is not told.
func (p *Part) create(kind, name string, fields []Field, do func(*work) error) {
	fields = slices.DeleteFunc(fields, func(f Field) bool { return f.New == "" })
	for i := range fields {
		fields[i].Old = ""
	}
	p.add(Change{Created, kind, name, fields, do})
}

func (p *Part) remove(kind, name string, do func(*work) error) {
	p.add(Change{Removed, kind, name, nil, do})
}

func (p *Part) leave(kind, name string) { p.Left = append(p.Left, kind+" "+quote(name)) }

// Plan is everything that applying a document would change, in the order in
// which it is done.
type Plan struct {
	Parts []Part
	prune bool
}

// Empty says that there is nothing to change.
func (p Plan) Empty() bool {
	return !slices.ContainsFunc(p.Parts, func(part Part) bool { return !part.Empty() })
}

// Braked is how many people the parts touch that do more than their companies
// let pass unasked; 0 for none.
func (p Plan) Braked() (people int) {
	for _, part := range p.Parts {
		if part.People.Braked {
			people += part.People.Counts.Weight
		}
	}
	return people
}

// Plan compares a document with what stands, and writes nothing. With prune,
// what a list of the document does not name is removed where a document can
// remove it. The error is a *Problems where the document is wrong.
func (c *Configuration) Plan(ctx context.Context, d *Document, prune bool) (p Plan, err error) {
	p.prune = prune
	problems := Problems{File: d.file, List: slices.Clone(d.problems.List)}
	err = c.Store.SystemRead(ctx, purpose, func(tx *store.Tx) error {
		m, err := c.compare(tx, &problems, prune)
		if err != nil {
			return err
		}
		m.unique(d)
		if d.Platform.Said {
			part, err := m.platform(&d.Platform.Value)
			if err != nil {
				return err
			}
			p.Parts = append(p.Parts, part)
		}
		for i := range d.Companies.Items {
			part, err := m.companyPart(&d.Companies.Items[i])
			if err != nil {
				return err
			}
			if part.Title != "" {
				p.Parts = append(p.Parts, part)
			}
		}
		if err := problems.err(); err != nil {
			return err
		}
		return m.foretell(p.Parts)
	})
	if err == nil {
		return p, nil
	}
	if wrong := problems.err(); wrong != nil {
		return Plan{}, wrong
	}
	return Plan{}, err
}

// quote shows a name in a plan.
func quote(name string) string { return `"` + strings.ReplaceAll(name, "\n", " ") + `"` }
