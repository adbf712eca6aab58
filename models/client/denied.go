package client

import (
	"context"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"locum/models"
	"locum/models/event"
	"locum/models/store"
	"locum/models/tenancy"
)

// mostRules is how many rules an application can have for visitors.
const mostRules = 50

// Closing is what of an application is closed to everyone who comes by a delegation.
type Closing struct {
	Whole bool   // all of it
	Paths string // rules, one on a line: "/admin", "POST /billing"
}

// ruleShape is what a rule looks like: an optional method, and a path as it stands
// in an address, without anything that has to be read in two ways.
var ruleShape = regexp.MustCompile(`^(?:([A-Z]{3,10}) +)?(/[A-Za-z0-9._~!$&'()*+,=:@/-]*)$`)

// check reads the rules, and puts into Paths what is kept.
func (c *Closing) check() error {
	wrong := models.FieldErrors{}
	var kept []string
	for _, line := range strings.Split(c.Paths, "\n") {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		found := ruleShape.FindStringSubmatch(line)
		if found == nil || dotted(found[2]) {
			wrong.Add("denied_paths", "client.error.rule", "Rule", line)
			continue
		}
		kept = append(kept, strings.TrimSpace(found[1]+" "+found[2]))
	}
	if len(kept) > mostRules {
		wrong.Add("denied_paths", "client.error.many", "Most", mostRules)
	}
	c.Paths = strings.Join(kept, "\n")
	return wrong.Err()
}

// CloseToVisitors says what of an application is closed to everyone who comes by a
// delegation. It is so at once.
func (c *Clients) CloseToVisitors(ctx context.Context, by models.Actor, application string, in Closing) error {
	if err := in.check(); err != nil {
		return err
	}
	return c.store.Write(ctx, by, models.OperatePlatform, func(tx *store.Tx) error {
		tx.NothingToRecord() // when it is so already
		was, err := get(tx, application)
		if err != nil {
			return err
		}
		if err := tenancy.CloseApplication(tx, application, in.Whole); err != nil {
			return err
		}
		if was.Client == nil || was.Client.DeniedPaths == in.Paths {
			return nil
		}
		tx.Record(event.ClientChanged, store.About{ID: application, Name: was.Name, Company: store.Platform,
			Data: map[string]any{"denied_paths": in.Paths, store.Previous: map[string]any{"denied_paths": was.Client.DeniedPaths}}})
		tx.Notify("client:" + application)
		return tx.Model(&Client{}).Where("application_id = ?", application).Updates(map[string]any{"denied_paths": in.Paths, "updated_at": models.At(tx.Now())}).Error
	})
}

// Denies says whether a request of a visitor goes to what is denied to visitors. uri
// is path and query, as the browser sent them. Where there are rules, a path that an
// application might read otherwise than they do is denied as well: encoded slashes
// and percent signs, backslashes, dot segments. Methods and paths are compared
// without regard to case, and a path holds all that is below it.
func (c Client) Denies(method, uri string) bool {
	if c.DeniedPaths == "" {
		return false
	}
	paths, clear := readings(uri)
	if !clear {
		return true
	}
	if strings.EqualFold(method, "HEAD") { // answered by what answers GET
		method = "GET"
	}
	for _, rule := range strings.Split(c.DeniedPaths, "\n") {
		verb, prefix, two := strings.Cut(rule, " ")
		if !two {
			verb, prefix = "", rule
		}
		if verb != "" && !strings.EqualFold(verb, method) {
			continue
		}
		prefix = strings.TrimSuffix(folded(prefix), "/")
		for _, path := range paths {
			if path == prefix || strings.HasPrefix(path, prefix+"/") {
				return true
			}
		}
	}
	return false
}

// DeniesMethods says whether some rule is about a method: then a request may not
// name another one in a header, which some applications believe.
func (c Client) DeniesMethods() bool { return strings.Contains(c.DeniedPaths, " ") }

// readings are the ways in which an application may read the path of an address: as
// it is, and without what stands behind semicolons. It is not clear where there
// could be others.
func readings(uri string) (paths []string, clear bool) {
	raw, _, _ := strings.Cut(uri, "?")
	raw, _, _ = strings.Cut(raw, "#")
	plain, err := url.PathUnescape(raw)
	if err != nil || !strings.HasPrefix(plain, "/") || !utf8.ValidString(plain) || strings.Contains(plain, "%") ||
		strings.Count(plain, "/") != strings.Count(raw, "/") || strings.ContainsFunc(plain, func(c rune) bool { return c < ' ' || c == 0x7f || c == '\\' }) {
		return nil, false
	}
	var bare []string
	for _, segment := range strings.Split(plain, "/") {
		segment, _, _ = strings.Cut(segment, ";")
		bare = append(bare, segment)
	}
	without := strings.Join(bare, "/")
	if dotted(plain) || dotted(without) {
		return nil, false
	}
	return []string{folded(plain), folded(without)}, true
}

// dotted says whether a segment of a path is about another one, or ends in what some
// systems leave out of names.
func dotted(path string) bool {
	for _, segment := range strings.Split(path, "/") {
		if strings.HasSuffix(segment, ".") || strings.HasSuffix(segment, " ") {
			return true
		}
	}
	return false
}

// folded is a path in small letters, without empty segments.
func folded(path string) string {
	path = strings.ToLower(strings.ToUpper(path)) // both: letters with two small forms
	for strings.Contains(path, "//") {
		path = strings.ReplaceAll(path, "//", "/")
	}
	return path
}
