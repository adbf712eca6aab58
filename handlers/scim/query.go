package scim

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"locum/models"
	"locum/models/directory"
)

// selection is which attributes a client wants (RFC 7644, section 3.9).
type selection struct {
	only, without []directory.Path
}

func (r *request) selection() selection { return selectionOf(r.URL.Query()) }

func selectionOf(q url.Values) selection {
	return selection{pathsOf(parameter(q, "attributes")), pathsOf(parameter(q, "excludedAttributes"))}
}

// parameter is one of the query, whose name may be in any case.
func parameter(q url.Values, name string) string {
	if q.Has(name) {
		return q.Get(name)
	}
	for key, values := range q {
		if strings.EqualFold(key, name) && len(values) > 0 {
			return values[0]
		}
	}
	return ""
}

func pathsOf(list string) (paths []directory.Path) {
	for one := range strings.SplitSeq(list, ",") {
		if p, err := directory.ParsePath(one); err == nil && p.Filter == nil {
			paths = append(paths, p)
		}
	}
	return paths
}

// always are returned whatever is asked for.
var always = []string{"id", "schemas"}

// names says whether a path is, or is a part of, an attribute at the top.
func names(p directory.Path, name string) bool {
	if p.URN != "" {
		return strings.EqualFold(p.URN, name)
	}
	return strings.EqualFold(p.Name, name)
}

// wants says whether any of an attribute at the top is wanted.
func (s selection) wants(name string) bool {
	if len(s.only) > 0 {
		return slices.ContainsFunc(s.only, func(p directory.Path) bool { return names(p, name) })
	}
	return !slices.ContainsFunc(s.without, func(p directory.Path) bool { return names(p, name) && (p.Sub == "" && (p.URN == "" || p.Name == "")) })
}

// of is a resource without what is not wanted.
func (s selection) of(resource directory.Resource) map[string]any {
	out := map[string]any{}
	for name, value := range resource {
		switch {
		case slices.Contains(always, name):
			out[name] = value
		case len(s.only) > 0:
			for _, p := range s.only {
				if names(p, name) {
					out[name] = add(out[name], part(value, p))
				}
			}
			if out[name] == nil {
				delete(out, name)
			}
		case s.wants(name):
			for _, p := range s.without {
				if names(p, name) {
					value = less(value, p)
				}
			}
			out[name] = value
		}
	}
	return out
}

// keys are the steps of a path below the top.
func keys(p directory.Path) (list []string) {
	if p.URN != "" && p.Name != "" {
		list = append(list, p.Name)
	}
	if p.Sub != "" {
		list = append(list, p.Sub)
	}
	return list
}

func part(value any, p directory.Path) any { return partOf(value, keys(p)) }

func partOf(value any, keys []string) any {
	if len(keys) == 0 {
		return value
	}
	switch v := value.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, one := range v {
			if strings.EqualFold(name, keys[0]) {
				out[name] = partOf(one, keys[1:])
			}
		}
		return out
	case []any:
		out := make([]any, 0, len(v))
		for _, one := range v {
			out = append(out, partOf(one, keys))
		}
		return out
	}
	return nil
}

// add joins the parts of one attribute that several paths want.
func add(before, more any) any {
	switch m := more.(type) {
	case map[string]any:
		b, is := before.(map[string]any)
		if !is {
			return more
		}
		for name, value := range m {
			b[name] = add(b[name], value)
		}
		return b
	case []any:
		b, is := before.([]any)
		if !is || len(b) != len(m) {
			return more
		}
		for i := range m {
			b[i] = add(b[i], m[i])
		}
		return b
	}
	return more
}

func less(value any, p directory.Path) any { return lessOf(value, keys(p)) }

func lessOf(value any, keys []string) any {
	if len(keys) == 0 {
		return value
	}
	switch v := value.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, one := range v {
			switch {
			case !strings.EqualFold(name, keys[0]):
				out[name] = one
			case len(keys) > 1:
				out[name] = lessOf(one, keys[1:])
			}
		}
		return out
	case []any:
		out := make([]any, 0, len(v))
		for _, one := range v {
			out = append(out, lessOf(one, keys))
		}
		return out
	}
	return value
}

func (r *request) query() url.Values { return r.URL.Query() }

// search is a list whose query stands in the body (RFC 7644, section 3.4.3).
func (r *request) search(k kind) (answer, error) {
	body, err := directory.ReadJSON(r.body)
	if err != nil {
		return answer{}, err
	}
	q := url.Values{}
	for name, value := range body {
		switch v := value.(type) {
		case string:
			q.Set(name, v)
		case interface{ String() string }: // a number
			q.Set(name, v.String())
		case []any:
			var list []string
			for _, one := range v {
				if text, is := one.(string); is {
					list = append(list, text)
				}
			}
			q.Set(name, strings.Join(list, ","))
		}
	}
	return r.list(k, q)
}

// list answers a page of a collection.
func (r *request) list(k kind, q url.Values) (answer, error) {
	in, err := queryOf(q)
	if err != nil {
		return answer{}, err
	}
	s := selectionOf(q)
	in.Members = s.wants("members")
	page, err := k.list(r, in)
	if err != nil {
		return answer{}, err
	}
	resources := make([]any, 0, len(page.Found))
	for _, found := range page.Found {
		resources = append(resources, s.of(r.described(k, found)))
	}
	return listed(page.Total, page.Start, resources)
}

// listed is a ListResponse.
func listed(total, start int, resources []any) (answer, error) {
	return said(http.StatusOK, map[string]any{"schemas": []string{directory.ListMessage}, "totalResults": total, "startIndex": start,
		"itemsPerPage": len(resources), "Resources": resources}, nil)
}

func queryOf(q url.Values) (in directory.Query, err error) {
	if text := parameter(q, "filter"); text != "" {
		if in.Filter, err = directory.ParseFilter(text); err != nil {
			return in, err
		}
	}
	if text := parameter(q, "sortBy"); text != "" {
		if in.SortBy, err = directory.ParsePath(text); err != nil {
			return in, err
		}
	}
	in.Down = strings.EqualFold(parameter(q, "sortOrder"), "descending")
	if in.Start, err = number(q, "startIndex", 1); err != nil {
		return in, err
	}
	in.Count, err = number(q, "count", directory.UsualCount)
	return in, err
}

// number is a whole one; of one that is too large to be meant the largest.
func number(q url.Values, name string, otherwise int) (int, error) {
	text := strings.TrimSpace(parameter(q, name))
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil && n == 0 {
		return 0, models.Fail(models.Invalid, "directory.scim.value", "Attribute", name, "ScimType", "invalidValue")
	}
	return int(n), nil
}
