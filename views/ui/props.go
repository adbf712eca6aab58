package ui

import (
	"maps"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"locum/models"
)

func sortedFields(wrong models.FieldErrors) []string { return slices.Sorted(maps.Keys(wrong)) }

// Kind is how much weight a button has.
type Kind string

// The kinds of buttons. One Primary per view; DangerSolid only inside a
// confirmation.
const (
	Plain       Kind = ""
	Primary     Kind = "btn-primary"
	Danger      Kind = "btn-danger"
	DangerSolid Kind = "btn-danger-solid"
	Ghost       Kind = "btn-ghost"
)

// Btn describes a button, or with Href a link that looks like one.
type Btn struct {
	Label string
	Icon  string
	Kind  Kind
	Size  string // Small, Large or usual
	Block bool   // as wide as its container
	Href  string

	// Of a button: Type is "submit" when empty. Form is the id of the form it
	// sends when it stands outside.
	Type, Name, Value, Form string
	Disabled                bool

	// Dialog is the id of the dialog that opens with script; without script
	// the link leads to the same form as a page.
	Dialog string
	// Menu is the id of the popover that the button opens.
	Menu  string
	Attrs templ.Attributes
}

func (b Btn) class() string {
	return class("btn", string(b.Kind), sized("btn", b.Size), when(b.Block, "btn-block"))
}

func (b Btn) kind() string {
	switch {
	case b.Type != "":
		return b.Type
	case b.Menu != "":
		return "button"
	}
	return "submit"
}

// Control describes one field of a form and what is said about it. ID is Name
// when empty.
type Control struct {
	ID, Name    string
	Label, Hint string
	Error       string
	Optional    bool
	Required    bool
	Above       bool // the hint of a fieldset with many choices, which stands before them
}

func (c Control) id() string {
	if c.ID != "" {
		return c.ID
	}
	return c.Name
}

// described names what explains the control, the error before the hint.
func (c Control) described() string {
	return class(when(c.Error != "", c.id()+"-error"), when(c.Hint != "", c.id()+"-hint"))
}

// In describes a text input. Type is "text" when empty.
type In struct {
	Type, Value, Placeholder, Autocomplete, Mode string
	Class                                        string // input-lg, input-sm, mono, otp, w-md …
	Max                                          int    // the most characters
	Disabled, Readonly, Focus                    bool
	Attrs                                        templ.Attributes
}

func (in In) kind() string {
	if in.Type == "" {
		return "text"
	}
	return in.Type
}

// Option is one choice of a select or a segmented control. Icon is shown by
// Segmented alone; Group starts a new group of a select.
type Option struct {
	Value, Label string
	Icon         string
	Disabled     bool
}

// Choice is a card with a checkbox, or a radio button when Radio is set.
type Pick struct {
	Radio       bool
	Name, Value string
	Title, Hint string
	Badge       string
	Checked     bool
	Disabled    bool
}

func (p Pick) kind() string {
	if p.Radio {
		return "radio"
	}
	return "checkbox"
}

// Provenance says where a person's role comes from.
type Provenance struct {
	Role   string // its display name
	Source string // rule, directory, manual, default or delegation
	Why    string // the evidence, as a sentence
	Href   string // where more is told, or empty
}

func (p Provenance) icon() string {
	switch p.Source {
	case "rule":
		return "route"
	case "directory":
		return "folder-sync"
	case "delegation":
		return "org-via"
	case "default":
		return "users"
	}
	return "hand"
}

func (p Provenance) tone() string {
	switch p.Source {
	case "manual":
		return Warn
	case "delegation":
		return Info
	}
	return ""
}

func (p Provenance) key() string {
	switch p.Source {
	case "rule", "directory", "delegation", "default":
		return "common.provenance." + p.Source
	}
	return "common.provenance.manual"
}

// Column is the head of a table's column. Class: end, fit, hide-md, lane-cell.
// A Hidden title is read aloud only. Lane fills the head of a timeline.
type Column struct {
	Title, Class string
	Hidden       bool
	Lane         *Window
}

// Tab is a filter with an address.
type Tab struct {
	Text, Href string
	Count      int // shown when Counted
	Counted    bool
	Current    bool
}

// Crumb is one step of the way up.
type Crumb struct{ Text, Href string }

// Item is one line of a menu: a link, a form that is posted, or a divider.
type Item struct {
	Icon, Text string
	Href       string
	Dialog     string // see Btn
	Post       string // the address a form is posted to
	Name, Data string // the name and value the form sends
	Danger     bool
	Divider    bool
}

// plain is a string without the spaces around it, for ids made of words.
func plain(s string) string { return strings.ReplaceAll(strings.TrimSpace(s), " ", "-") }
