package configuration

import (
	"fmt"
	"io"
	"strings"
)

// maxNamed is how many people are named in a plan, and how many things that are
// left alone.
const maxNamed = 10

// Print writes what a plan changes, for the operator.
func (p Plan) Print(to io.Writer) {
	for _, part := range p.Parts {
		part.print(to)
	}
	if p.Empty() {
		fmt.Fprintln(to, "Nothing to change.")
	}
}

func (p Part) print(to io.Writer) {
	if p.Empty() && len(p.Left) == 0 && len(p.Notes) == 0 {
		return
	}
	fmt.Fprintln(to, p.Title)
	fmt.Fprint(to, p.changes())
	for _, note := range p.Notes {
		fmt.Fprintln(to, "  ! "+note)
	}
	for i, left := range p.Left {
		if i == maxNamed {
			fmt.Fprintf(to, "  . left alone: %d more\n", len(p.Left)-maxNamed)
			break
		}
		fmt.Fprintln(to, "  . left alone: "+left)
	}
	p.People.print(to)
	fmt.Fprintln(to)
}

// changes is the part that has to be done, as text.
func (p Part) changes() string {
	var b strings.Builder
	for _, c := range p.Changes {
		b.WriteString(c.String())
	}
	return b.String()
}

// String is the change with its fields, each on a line.
func (c Change) String() string {
	title := c.Kind
	if c.Name != "" {
		title += " " + quote(c.Name)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "  %c %s\n", c.Sign, title)
	for _, f := range c.Fields {
		if c.Sign == Created {
			fmt.Fprintf(&b, "      %s: %s\n", f.Name, oneLineOf(f.New))
		} else {
			fmt.Fprintf(&b, "      %s: %s → %s\n", f.Name, oneLineOf(f.Old), oneLineOf(f.New))
		}
	}
	return b.String()
}

func oneLineOf(text string) string {
	if text == "" {
		return "(nothing)"
	}
	return strings.Join(strings.Fields(text), " ")
}

func (p People) print(to io.Writer) {
	if p.Counts.Known == 0 {
		return
	}
	fmt.Fprintf(to, "  People: %d gain and %d lose roles, of %d known\n", len(p.Gain), len(p.Lose), p.Counts.Known)
	if p.Braked {
		fmt.Fprintf(to, "  ! This is more than the company lets pass unasked: %d people lose a role, %d are raised. Confirm with the number of people touched: %d\n", p.Counts.Lose, p.Counts.Raise, p.Counts.Weight)
	}
	for _, one := range []struct {
		sign string
		list []Effect
	}{{"+", p.Gain}, {"-", p.Lose}, {"= keeps, since nobody else has it:", p.Held}} {
		for i, e := range one.list {
			if i == maxNamed {
				fmt.Fprintf(to, "      %s and %d more\n", one.sign, len(one.list)-maxNamed)
				break
			}
			fmt.Fprintf(to, "      %s %s: %s\n", one.sign, e.Person, strings.Join(e.Roles, ", "))
		}
	}
}
