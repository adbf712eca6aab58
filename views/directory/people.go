package directory

import (
	"context"
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"locum/models/directory"
	"locum/views/i18n"
	"locum/views/ui"
)

// People is a page of the people of a directory.
type People struct {
	directory.Directory
	directory.People
	Filter directory.PeopleFilter
}

func (p People) address(which directory.Which, after string) string {
	v := url.Values{}
	for name, value := range map[string]string{"which": string(which), "q": p.Filter.Text, "after": after} {
		if value != "" {
			v.Set(name, value)
		}
	}
	return withQuery(at(p.Directory)+"/people", v)
}

func (p People) tabs(ctx context.Context) (tabs []ui.Tab) {
	for _, which := range directory.PeopleFilters {
		name := "everyone"
		if which != directory.Everyone {
			name = string(which)
		}
		tabs = append(tabs, ui.Tab{Text: i18n.T(ctx, "directory.people."+name), Href: p.address(which, ""), Current: which == p.Filter.Which})
	}
	return tabs
}

func (p People) first() string {
	if p.Filter.After == "" {
		return ""
	}
	return p.address(p.Filter.Which, "")
}

func (p People) next() string {
	if p.People.Next == "" {
		return ""
	}
	return p.address(p.Filter.Which, p.People.Next)
}

// Person is somebody as a directory knows him.
type Person struct {
	directory.Directory
	directory.Person
	Linked bool // the reader may open the pages of people
	Now    time.Time
}

// Section is the attributes of one schema.
type Section struct {
	Title string
	Lines []Line
}

// Line is one value, under the path by which clients know it.
type Line struct{ Path, Value string }

// sections are the attributes of a resource: the core ones, and those of each
// extension.
func (p Person) sections(ctx context.Context) []Section {
	core := Section{Title: i18n.T(ctx, "directory.person.core")}
	var rest []Section
	for _, name := range slices.Sorted(maps.Keys(p.Resource)) {
		inner, extension := p.Resource[name].(map[string]any)
		switch {
		case extension && strings.HasPrefix(name, "urn:"):
			title := name
			if name == directory.EnterpriseSchema {
				title = i18n.T(ctx, "directory.person.enterprise")
			}
			rest = append(rest, Section{Title: title, Lines: lines("", inner)})
		case name != "schemas":
			core.Lines = append(core.Lines, lines(name, p.Resource[name])...)
		}
	}
	return append([]Section{core}, rest...)
}

// lines are the values below a path. An element of a list is told by its type.
func lines(path string, value any) (list []Line) {
	switch v := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			under := name
			if path != "" {
				under = path + "." + name
			}
			list = append(list, lines(under, v[name])...)
		}
	case []any:
		for _, one := range v {
			list = append(list, element(path, one)...)
		}
	default:
		list = append(list, Line{path, plain(v)})
	}
	return list
}

func element(path string, one any) []Line {
	object, complex := one.(map[string]any)
	if !complex {
		return lines(path, one)
	}
	object = maps.Clone(object)
	if kind, is := object["type"].(string); is && kind != "" {
		path += "[" + kind + "]"
		delete(object, "type")
	}
	return lines(path, object)
}

// plain is a single value as JSON has it, texts without quotes.
func plain(value any) string {
	if text, is := value.(string); is {
		return text
	}
	out, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	return string(out)
}

// raw is the resource as JSON.
func (p Person) raw() string {
	out, err := json.MarshalIndent(p.Resource, "", "  ")
	if err != nil {
		return ""
	}
	return string(out)
}

// Groups is a page of the groups of a directory.
type Groups struct {
	directory.Directory
	directory.GroupPage
	Text    string
	Paged   bool // it does not begin at the first
	Mapping bool // the reader may see and change the roles by group
}

func (g Groups) first() string {
	if !g.Paged {
		return ""
	}
	return g.address("")
}

func (g Groups) next() string {
	if g.GroupPage.Next == "" {
		return ""
	}
	return g.address(g.GroupPage.Next)
}

func (g Groups) address(after string) string {
	v := url.Values{}
	for name, value := range map[string]string{"q": g.Text, "after": after} {
		if value != "" {
			v.Set(name, value)
		}
	}
	return withQuery(at(g.Directory)+"/groups", v)
}

// members says how many there are, of each kind that there is.
func members(ctx context.Context, g directory.ListedGroup) string {
	l := i18n.From(ctx)
	said := []string{l.N("directory.group.users", int(g.Users))}
	if g.Nested > 0 {
		said = append(said, l.N("directory.group.nested", int(g.Nested)))
	}
	if g.Parked > 0 {
		said = append(said, l.N("directory.group.parked", int(g.Parked)))
	}
	return strings.Join(said, " · ")
}

// OneGroup is a group as a directory knows it.
type OneGroup struct {
	directory.Directory
	directory.GroupDetail
	Paged bool // it does not begin at the first member
	Now   time.Time
}

func (g OneGroup) address() string { return at(g.Directory) + "/groups/" + g.GroupDetail.ID }

func (g OneGroup) first() string {
	if !g.Paged {
		return ""
	}
	return g.address()
}

func (g OneGroup) next() string {
	if g.GroupDetail.Next == "" {
		return ""
	}
	return g.address() + "?after=" + url.QueryEscape(g.GroupDetail.Next)
}

// matched is a matched person in a word.
func matched(ctx context.Context, k directory.Known) string {
	if k.AccountID == "" {
		return "—"
	}
	return i18n.T(ctx, "directory.matched.yes")
}

// requestsOf is the log of what was asked about one resource.
func requestsOf(d directory.Directory, id string) string {
	return at(d) + "/requests?q=" + url.QueryEscape(id)
}
