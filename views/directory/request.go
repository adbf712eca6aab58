package directory

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"locum/models/directory"
	"locum/views/i18n"
	"locum/views/ui"
)

// Requests is a page of the log.
type Requests struct {
	directory.Directory
	directory.LogPage
	Filter directory.LogFilter
	Now    time.Time
}

// methods are those by which the log is narrowed.
var methods = []string{"GET", "POST", "PUT", "PATCH", "DELETE"}

func (q Requests) methods(ctx context.Context) []ui.Option {
	list := []ui.Option{{Label: i18n.T(ctx, "directory.log.any_method")}}
	for _, m := range methods {
		list = append(list, ui.Option{Value: m, Label: m})
	}
	return list
}

func (q Requests) narrowed() bool {
	return q.Filter.Failed || q.Filter.Method != "" || q.Filter.Text != ""
}

// address is the log with the filter, from a request on.
func (q Requests) address(failed bool, before string) string {
	v := url.Values{}
	for name, value := range map[string]string{"method": q.Filter.Method, "q": q.Filter.Text, "before": before} {
		if value != "" {
			v.Set(name, value)
		}
	}
	if failed {
		v.Set("failed", "yes")
	}
	return withQuery(at(q.Directory)+"/requests", v)
}

func withQuery(path string, v url.Values) string {
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}

func (q Requests) tabs(ctx context.Context) []ui.Tab {
	return []ui.Tab{{Text: i18n.T(ctx, "directory.log.all"), Href: q.address(false, ""), Current: !q.Filter.Failed},
		{Text: i18n.T(ctx, "directory.log.failed"), Href: q.address(true, ""), Current: q.Filter.Failed}}
}

func (q Requests) newest() string {
	if q.Filter.Before == "" {
		return ""
	}
	return q.address(q.Filter.Failed, "")
}

func (q Requests) older() string {
	if q.LogPage.Older == "" {
		return ""
	}
	return q.address(q.Filter.Failed, q.LogPage.Older)
}

// statusChip is how a request was answered.
func statusChip(r directory.Request) (tone, text, icon string) {
	text = strconv.Itoa(r.Status)
	if r.Failed() {
		return ui.Bad, text, "circle-x"
	}
	return ui.OK, text, "circle-check"
}

// asked says in words what a client wanted, and whether it was done.
func asked(ctx context.Context, r directory.Request) string {
	rest, _, _ := strings.Cut(strings.ToLower(r.Target), "?")
	about := "other"
	switch {
	case strings.Contains(rest, "/users"):
		about = "user"
	case strings.Contains(rest, "/groups"):
		about = "group"
	}
	verb := map[string]string{"POST": "add", "PUT": "change", "PATCH": "change", "DELETE": "delete"}[r.Method]
	if verb == "" || about == "other" || strings.HasSuffix(rest, "/.search") {
		verb = "read"
	}
	done := "done"
	if r.Failed() {
		done = "refused"
	}
	return i18n.T(ctx, "directory.log."+done+"."+verb+"."+about)
}

// because says in words why a request was refused.
func because(ctx context.Context, r directory.Request) string {
	key := "directory.status." + strconv.Itoa(r.Status)
	switch {
	case r.Detail == i18n.For("en", "").T("directory.scim.wipe"): // as clients are told of it
		key = "directory.status.wipe"
	case i18n.Has(key):
	case r.Status >= 500:
		key = "directory.status.500"
	default:
		key = "directory.status.400"
	}
	return i18n.T(ctx, key)
}

// readable is a target without the escapes of addresses.
func readable(target string) string {
	if plain, err := url.QueryUnescape(target); err == nil {
		return strings.TrimPrefix(plain, "/scim/v2")
	}
	return target
}

func otherwise(text, instead string) string {
	if text == "" {
		return instead
	}
	return text
}
