package directory

import "strings"

// Path names an attribute (RFC 7644, section 3.5.2): an optional URN, the
// attribute, a filter on its elements, and a part of it.
type Path struct {
	URN    string // of an extension; the core schemas' are left out
	Name   string
	Filter *Filter
	Sub    string
}

// ParsePath reads the path of a PATCH operation, or the name of an attribute.
// The error is of scimType invalidPath.
func ParsePath(text string) (Path, error) {
	if len(text) > maxFilter || strings.ContainsRune(text, 0) {
		return Path{}, badPath(text[:min(len(text), 20)])
	}
	r := &reader{text: strings.TrimSpace(text)}
	p, err := r.path()
	if err != nil {
		return p, badPath(text)
	}
	if r.take('[') {
		if p.Sub != "" || p.Name == "" {
			return p, badPath(text)
		}
		if p.Filter, err = r.closed(0, ']'); err != nil {
			return p, badPath(text)
		}
		if r.take('.') {
			if p.Sub = r.name(); p.Sub == "" {
				return p, badPath(text)
			}
		}
	}
	if r.at < len(r.text) {
		return p, badPath(text)
	}
	return p, nil
}

// path is an attribute with its URN and its part. A URN on its own names all of
// an extension.
func (r *reader) path() (p Path, err error) {
	if rest := r.text[r.at:]; len(rest) > 4 && strings.EqualFold(rest[:4], "urn:") {
		end := strings.IndexAny(rest, " \t()[]\"")
		if end < 0 {
			end = len(rest)
		}
		// The version in a URN holds a dot: what is known is cut off as a whole.
		for _, s := range Schemas() {
			if len(s.ID) <= end && strings.EqualFold(rest[:len(s.ID)], s.ID) && (len(s.ID) == end || rest[len(s.ID)] == ':') {
				p.URN = s.ID
				break
			}
		}
		if p.URN == "" {
			cut := strings.LastIndexByte(rest[:end], ':')
			p.URN = rest[:cut]
			// An unknown URN is one as a whole when a version ends it.
			if tail := rest[cut+1 : end]; strings.EqualFold(tail, "User") || strings.EqualFold(tail, "Group") {
				p.URN = rest[:end]
			}
		}
		r.at += len(p.URN)
		if !r.take(':') {
			return p, nil
		}
	}
	if p.Name = r.name(); p.Name == "" {
		return p, badPath(r.text)
	}
	if r.take('.') {
		if p.Sub = r.name(); p.Sub == "" {
			return p, badPath(r.text)
		}
	}
	if p.URN == UserSchema || p.URN == GroupSchema {
		p.URN = ""
	}
	return p, nil
}

// name is ATTRNAME: a letter, or $ as in $ref, and what may follow one.
func (r *reader) name() string {
	start := r.at
	for r.at < len(r.text) {
		c := r.text[r.at]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		other := c >= '0' && c <= '9' || c == '-' || c == '_'
		if !letter && !(c == '$' && r.at == start) && !(other && r.at > start) {
			break
		}
		r.at++
	}
	return r.text[start:r.at]
}
