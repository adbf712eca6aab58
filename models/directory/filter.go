package directory

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// Limits on filters, so that none is dear to read or to answer.
const (
	maxFilter      = 8 << 10 // bytes
	maxFilterDepth = 16      // of brackets
	maxFilterTerms = 200     // comparisons
)

// Filter is a parsed filter (RFC 7644, section 3.4.2.2). One of the fields is
// set: And, Or, Not, Inside (a value path), or Op (a comparison).
type Filter struct {
	And, Or []*Filter
	Not     *Filter
	Inside  *Filter // under Path, of the elements of a multi-valued attribute
	Path    Path
	Op      string // eq ne co sw ew gt ge lt le pr
	Value   any    // string, bool, json.Number or nil
}

var operators = []string{"eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "pr"}

// ParseFilter reads a filter. The error is of scimType invalidFilter.
func ParseFilter(text string) (*Filter, error) {
	if len(text) > maxFilter || !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return nil, badFilter(text[:min(len(text), 20)])
	}
	r := &reader{text: text}
	f, err := r.or(0)
	if err != nil {
		return nil, err
	}
	if r.space(); r.at < len(r.text) {
		return nil, r.wrong()
	}
	return f, nil
}

// reader goes through a filter or a path from left to right.
type reader struct {
	text  string
	at    int
	terms int
}

func (r *reader) wrong() error { return badFilter(strings.ToValidUTF8(r.text[r.at:], "")) }

func (r *reader) space() {
	for r.at < len(r.text) && (r.text[r.at] == ' ' || r.text[r.at] == '\t') {
		r.at++
	}
}

func (r *reader) take(c byte) bool {
	if r.at < len(r.text) && r.text[r.at] == c {
		r.at++
		return true
	}
	return false
}

// word takes a keyword that stands on its own, in any case.
func (r *reader) word(want string) bool {
	end := r.at + len(want)
	if end > len(r.text) || !strings.EqualFold(r.text[r.at:end], want) {
		return false
	}
	if end < len(r.text) && !strings.ContainsRune(" \t()[]", rune(r.text[end])) {
		return false
	}
	r.at = end
	return true
}

func (r *reader) or(depth int) (*Filter, error) {
	return r.list("or", depth, r.and, func(list []*Filter) *Filter { return &Filter{Or: list} })
}

func (r *reader) and(depth int) (*Filter, error) {
	return r.list("and", depth, r.term, func(list []*Filter) *Filter { return &Filter{And: list} })
}

func (r *reader) list(between string, depth int, part func(int) (*Filter, error), of func([]*Filter) *Filter) (*Filter, error) {
	var list []*Filter
	for {
		f, err := part(depth)
		if err != nil {
			return nil, err
		}
		list = append(list, f)
		before := r.at
		if r.space(); !r.word(between) {
			r.at = before
			break
		}
	}
	if len(list) == 1 {
		return list[0], nil
	}
	return of(list), nil
}

// term is a comparison, a value path, or brackets with a not before them.
func (r *reader) term(depth int) (*Filter, error) {
	if depth > maxFilterDepth {
		return nil, r.wrong()
	}
	r.space()
	before := r.at
	if r.word("not") {
		if r.space(); r.take('(') {
			f, err := r.closed(depth, ')')
			return &Filter{Not: f}, err
		}
		r.at = before
	}
	if r.take('(') {
		return r.closed(depth, ')')
	}
	path, err := r.path()
	if err != nil {
		return nil, r.wrong()
	}
	if r.take('[') {
		inside, err := r.closed(depth, ']')
		if err != nil {
			return nil, err
		}
		// members[value eq "x"].display pr, as a part of a filter.
		if r.take('.') {
			return nil, r.wrong()
		}
		return &Filter{Path: path, Inside: inside}, nil
	}
	return r.comparison(path)
}

func (r *reader) closed(depth int, by byte) (*Filter, error) {
	f, err := r.or(depth + 1)
	if err != nil {
		return nil, err
	}
	if r.space(); !r.take(by) {
		return nil, r.wrong()
	}
	return f, nil
}

func (r *reader) comparison(path Path) (*Filter, error) {
	if r.terms++; r.terms > maxFilterTerms {
		return nil, r.wrong()
	}
	r.space()
	f := &Filter{Path: path}
	for _, op := range operators {
		if r.word(op) {
			f.Op = op
			break
		}
	}
	if f.Op == "" {
		return nil, r.wrong()
	}
	if f.Op == "pr" {
		return f, nil
	}
	if r.space(); r.at >= len(r.text) {
		return nil, r.wrong()
	}
	value, err := r.value()
	if err != nil {
		return nil, err
	}
	f.Value = value
	_, isText := value.(string)
	_, isNumber := value.(json.Number)
	switch f.Op {
	case "co", "sw", "ew":
		if !isText {
			return nil, r.wrong()
		}
	case "gt", "ge", "lt", "le": // booleans have no order (section 3.4.2.2)
		if !isText && !isNumber {
			return nil, r.wrong()
		}
	}
	return f, nil
}

// value is one JSON value that is no object and no list.
func (r *reader) value() (any, error) {
	rest := r.text[r.at:]
	if strings.HasPrefix(rest, `"`) {
		for end := 1; end < len(rest); end++ {
			switch rest[end] {
			case '\\':
				end++
			case '"':
				var s string
				if json.Unmarshal([]byte(rest[:end+1]), &s) != nil || strings.ContainsRune(s, 0) {
					return nil, r.wrong()
				}
				r.at += end + 1
				return s, nil
			}
		}
		return nil, r.wrong()
	}
	end := strings.IndexAny(rest, " \t()[]")
	if end < 0 {
		end = len(rest)
	}
	var value any
	from := json.NewDecoder(strings.NewReader(rest[:end]))
	from.UseNumber()
	// Entra ID and others write True.
	switch strings.ToLower(rest[:end]) {
	case "true", "false", "null":
		from = json.NewDecoder(strings.NewReader(strings.ToLower(rest[:end])))
	}
	if from.Decode(&value) != nil || from.More() {
		return nil, r.wrong()
	}
	switch value.(type) {
	case map[string]any, []any:
		return nil, r.wrong()
	}
	r.at += end
	return value, nil
}
