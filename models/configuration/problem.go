package configuration

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"locum/models"
)

// Place is where something stands in a document, counted from 1.
type Place struct{ Line, Column int }

// Problem is one thing that is wrong with a document.
type Problem struct {
	Place
	Text string
}

// maxProblems is how many problems are kept: who mends so many plans again.
const maxProblems = 500

// Problems are everything that is wrong with a document. It is an error; its
// text has a line for each, FILE:line:column: what is wrong.
type Problems struct {
	File string
	List []Problem
}

// Error is the lines in the order of the document.
func (p *Problems) Error() string {
	lines := make([]string, 0, len(p.List))
	for _, one := range p.List {
		lines = append(lines, fmt.Sprintf("%s:%d:%d: %s", p.File, one.Line, one.Column, one.Text))
	}
	if len(p.List) >= maxProblems {
		lines = append(lines, fmt.Sprintf("%s: these are the first %d problems, and there may be more", p.File, maxProblems))
	}
	return strings.Join(lines, "\n")
}

func (p *Problems) add(at Place, text string, args ...any) {
	if len(p.List) < maxProblems {
		p.List = append(p.List, Problem{at, fmt.Sprintf(text, args...)})
	}
}

// err is nil where there are none.
func (p *Problems) err() error {
	if len(p.List) == 0 {
		return nil
	}
	slices.SortStableFunc(p.List, func(a, b Problem) int { return cmp.Or(a.Line-b.Line, a.Column-b.Column) })
	return p
}

// Words says a message of the domain in the operator's language.
type Words func(models.Message) string

// fields adds what an operation found wrong with its input. Each of its fields
// stands at its place in the document, and at the whole for those unknown. An
// error that is none of people's making is given back.
func (p *Problems) fields(err error, words Words, whole Place, places map[string]Place) error {
	if err == nil {
		return nil
	}
	var wrong *models.Error
	if !errors.As(err, &wrong) || wrong.Kind == models.Internal {
		return err
	}
	if len(wrong.Fields) == 0 {
		p.add(whole, "%s", words(models.Message{Key: wrong.Key, Args: wrong.Args}))
	}
	for _, field := range slices.Sorted(maps.Keys(wrong.Fields)) {
		at, known := places[field]
		if !known || at == (Place{}) {
			at = whole
		}
		p.add(at, "%s", words(wrong.Fields[field]))
	}
	return nil
}
