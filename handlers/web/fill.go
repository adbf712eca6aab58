package web

import (
	"bytes"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// fill puts values into the form of a page that is sent to an address by POST. It
// fills what people fill in: neither hidden fields nor passwords, one-time codes
// and files. before is the page up to the form, rest is what follows, and left are
// the values for which the form has no place. All else of the page stays as it is,
// byte by byte.
func fill(page []byte, action string, values url.Values) (before, rest []byte, left url.Values, found bool) {
	f := filling{values: values, placed: map[string]map[string]int{}, at: map[string]int{}, boxes: map[string]bool{}, own: map[string]bool{}}
	start, end := f.find(page, action)
	if start < 0 {
		return nil, nil, nil, false
	}
	f.survey(page[start:end])
	filled := f.write(page[start:end])
	return page[:start], append(filled, page[end:]...), f.left(), true
}

// filling is one form that is being filled in.
type filling struct {
	values url.Values
	placed map[string]map[string]int // by name and value
	at     map[string]int            // how many fields of a name were filled in order
	boxes  map[string]bool           // names of boxes: their values come in no order
	own    map[string]bool           // names of what the page itself put in
}

// find says where a form begins and ends in a page; -1 where it is not there. It
// is the one that is sent to an address, be it by one of its buttons.
func (f *filling) find(page []byte, action string) (start, end int) {
	sent := func(to string) bool {
		at, err := url.Parse(to)
		return to != "" && err == nil && at.Path == action
	}
	at, begun, its := 0, -1, false
	for z := html.NewTokenizer(bytes.NewReader(page)); ; {
		kind := z.Next()
		if kind == html.ErrorToken {
			return -1, -1
		}
		size := len(z.Raw())
		tag, _ := z.TagName()
		switch name := string(tag); {
		case kind == html.EndTagToken && name == "form" && its:
			return begun, at + size
		case kind != html.StartTagToken:
		case name == "noscript":
			z.NextIsNotRawText() // its buttons send the form of who has no scripts
		case name == "form":
			attrs := attributesOf(z)
			begun, its = at, false
			if strings.EqualFold(attrs["method"], "post") {
				its = sent(attrs["action"])
			}
		case name == "button" && begun >= 0:
			its = its || sent(attributesOf(z)["formaction"])
		}
		at += size
	}
}

func attributesOf(z *html.Tokenizer) map[string]string {
	attrs := map[string]string{}
	for more := true; more; {
		var name, value []byte
		name, value, more = z.TagAttr()
		attrs[string(name)] = string(value)
	}
	return attrs
}

// survey learns which names are those of boxes, and which the page's own.
func (f *filling) survey(form []byte) {
	for z := html.NewTokenizer(bytes.NewReader(form)); ; {
		kind := z.Next()
		if kind == html.ErrorToken {
			return
		}
		tag, _ := z.TagName()
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken || string(tag) != "input" && string(tag) != "button" {
			continue
		}
		switch attrs := attributesOf(z); {
		case string(tag) == "button", untouched(attrs):
			f.own[attrs["name"]] = true
		case attrs["type"] == "checkbox", attrs["type"] == "radio":
			f.boxes[attrs["name"]] = true
		}
	}
}

// untouched says whether a field is none that people fill in, or one whose content
// nobody keeps for them.
func untouched(attrs map[string]string) bool {
	switch strings.ToLower(attrs["type"]) {
	case "hidden", "password", "file", "submit", "button", "reset", "image":
		return true
	}
	return strings.Contains(attrs["autocomplete"], "one-time-code") || strings.Contains(attrs["autocomplete"], "password") || secret(attrs["name"])
}

// write is the form with its fields filled in.
func (f *filling) write(form []byte) []byte {
	var out bytes.Buffer
	z := html.NewTokenizer(bytes.NewReader(form))
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return out.Bytes()
		}
		raw := bytes.Clone(z.Raw())
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
			out.Write(raw)
			continue
		}
		token := z.Token()
		switch token.Data {
		case "input":
			out.WriteString(f.input(token, string(raw)))
		case "textarea":
			out.Write(raw)
			f.textarea(z, &out, token)
		case "select":
			out.Write(raw)
			f.choose(z, &out, token)
		default:
			out.Write(raw)
		}
	}
}

// input is one input, filled in.
func (f *filling) input(token html.Token, raw string) string {
	attrs := map[string]string{}
	for _, a := range token.Attr {
		attrs[a.Key] = a.Val
	}
	name := attrs["name"]
	if name == "" || untouched(attrs) {
		return raw
	}
	if kind := strings.ToLower(attrs["type"]); kind == "checkbox" || kind == "radio" {
		if kind == "radio" && len(f.values[name]) == 0 {
			return raw
		}
		without(&token, "checked")
		if slices.Contains(f.values[name], attrs["value"]) {
			f.place(name, attrs["value"])
			token.Attr = append(token.Attr, html.Attribute{Key: "checked"})
		}
		return token.String()
	}
	value, there := f.next(name)
	if !there {
		return raw
	}
	f.place(name, value)
	without(&token, "value")
	token.Attr = append(token.Attr, html.Attribute{Key: "value", Val: value})
	return token.String()
}

// textarea writes what stands in a text area.
func (f *filling) textarea(z *html.Tokenizer, out *bytes.Buffer, token html.Token) {
	name := attributeOf(token, "name")
	value, there := f.next(name)
	if !there || secret(name) {
		return
	}
	f.place(name, value)
	out.WriteString("\n" + html.EscapeString(value)) // the first line break in one is none
	for kind := z.Next(); kind != html.ErrorToken; kind = z.Next() {
		if kind == html.EndTagToken {
			out.Write(z.Raw())
			return
		}
	}
}

// choose writes a list with what was chosen in it. Where that is not in the list,
// the list stays as it is.
func (f *filling) choose(z *html.Tokenizer, out *bytes.Buffer, token html.Token) {
	type part struct {
		raw    []byte
		option html.Token
	}
	var parts []part
	var offered []string
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			break
		}
		p := part{raw: bytes.Clone(z.Raw())}
		t := z.Token()
		if kind == html.StartTagToken && t.Data == "option" {
			p.option = t
			offered = append(offered, attributeOf(t, "value"))
		}
		parts = append(parts, p)
		if kind == html.EndTagToken && t.Data == "select" {
			break
		}
	}
	name := attributeOf(token, "name")
	chosen := f.among(name, offered, has(token, "multiple"))
	for _, p := range parts {
		if len(chosen) == 0 || p.option.Data == "" {
			out.Write(p.raw)
			continue
		}
		without(&p.option, "selected")
		if value := attributeOf(p.option, "value"); slices.Contains(chosen, value) {
			f.place(name, value)
			p.option.Attr = append(p.option.Attr, html.Attribute{Key: "selected"})
		}
		out.WriteString(p.option.String())
	}
}

// among are the values of a name that a list offers: the next one in order, or
// where boxes or several choices mix them, those that it has.
func (f *filling) among(name string, offered []string, several bool) (chosen []string) {
	if name == "" || secret(name) {
		return nil
	}
	if !several && !f.boxes[name] {
		if value, there := f.next(name); there && slices.Contains(offered, value) {
			return []string{value}
		}
		return nil
	}
	for _, value := range f.values[name] {
		if value != "" && slices.Contains(offered, value) {
			chosen = append(chosen, value)
		}
	}
	if len(chosen) == 0 && slices.Contains(f.values[name], "") && slices.Contains(offered, "") {
		return []string{""}
	}
	return chosen
}

// next is the value for the next field of a name.
func (f *filling) next(name string) (string, bool) {
	at := f.at[name]
	if name == "" || f.boxes[name] || at >= len(f.values[name]) {
		return "", false
	}
	f.at[name]++
	return f.values[name][at], true
}

func (f *filling) place(name, value string) {
	if f.placed[name] == nil {
		f.placed[name] = map[string]int{}
	}
	f.placed[name][value]++
}

// left are the values that found no place.
func (f *filling) left() url.Values {
	left := url.Values{}
	for name, list := range f.values {
		for _, value := range list {
			switch {
			case value == "" || f.own[name]:
			case f.placed[name][value] > 0:
				f.placed[name][value]--
			default:
				left.Add(name, value)
			}
		}
	}
	return left
}

func attributeOf(token html.Token, key string) string {
	for _, a := range token.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func has(token html.Token, key string) bool {
	return slices.ContainsFunc(token.Attr, func(a html.Attribute) bool { return a.Key == key })
}

func without(token *html.Token, key string) {
	token.Attr = slices.DeleteFunc(token.Attr, func(a html.Attribute) bool { return a.Key == key })
}
