package directory

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"gorm.io/gorm"
)

// Limits on a page of a list (RFC 7644, section 3.4.2.4).
const (
	UsualCount = 100
	MostCount  = 200
)

// Query asks for a list (RFC 7644, section 3.4.2).
type Query struct {
	Filter  *Filter // nil: everything
	SortBy  Path
	Down    bool // descending
	Start   int  // from 1
	Count   int  // 0: only how many there are
	Members bool // of groups: members are wanted
}

// Listed is a page of a list.
type Listed struct {
	Total int
	Start int
	Found []Found
}

// sortColumns are the columns by which the database sorts.
var sortColumns = map[string]map[string]string{
	"User":  {"id": "id", "username": "user_name_key", "externalid": "external_id", "active": "active", "meta.created": "created_at", "meta.lastmodified": "updated_at"},
	"Group": {"id": "id", "displayname": "display_name_key", "externalid": "external_id", "meta.created": "created_at", "meta.lastmodified": "updated_at"},
}

// lister reads one type of resource.
type lister struct {
	w     *work
	t     *Type
	query Query
	table any
	base  func() *gorm.DB // with what an index narrows
	page  func(*gorm.DB) ([]Found, error)
}

// ListUsers lists users; the order is stable.
func (d *Directories) ListUsers(ctx context.Context, c Client, q Query) (page Listed, err error) {
	err = d.read(ctx, c, func(w *work) error {
		l := lister{w: w, t: UserType, query: q, table: &User{}, base: func() *gorm.DB {
			return w.tx.Where("directory_id = ? AND deleted_at IS NULL", c.ID)
		}}
		l.page = w.userPage
		page, err = l.list()
		return err
	})
	return page, err
}

// ListGroups lists groups; the order is stable.
func (d *Directories) ListGroups(ctx context.Context, c Client, q Query) (page Listed, err error) {
	err = d.read(ctx, c, func(w *work) error {
		l := lister{w: w, t: GroupType, query: q, table: &Group{}, base: func() *gorm.DB { return w.tx.Where("directory_id = ?", c.ID) }}
		l.page = func(db *gorm.DB) ([]Found, error) { return w.groupPage(db, q.Members) }
		page, err = l.list()
		return err
	})
	return page, err
}

func (w *work) userPage(db *gorm.DB) (list []Found, err error) {
	var rows []User
	if err := db.Find(&rows).Error; err != nil {
		return nil, err
	}
	ids := make([]string, len(rows))
	for i, u := range rows {
		ids[i] = u.ID
	}
	in, err := w.groupsOf(ids)
	if err != nil {
		return nil, err
	}
	for _, u := range rows {
		r, err := u.whole()
		if err != nil {
			return nil, err
		}
		if groups := in[u.ID]; len(groups) > 0 {
			r["groups"] = asGroups(groups)
		}
		list = append(list, u.found(r))
	}
	return list, nil
}

func (w *work) groupPage(db *gorm.DB, members bool) (list []Found, err error) {
	var rows []Group
	if err := db.Find(&rows).Error; err != nil {
		return nil, err
	}
	for _, g := range rows {
		one, err := w.groupFound(g, members)
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}

// list answers the query: by the database alone where an index or nothing
// decides, else by looking at what is left over.
func (l lister) list() (page Listed, err error) {
	l.query.Start, l.query.Count = max(1, l.query.Start), min(max(0, l.query.Count), MostCount)
	page.Start = l.query.Start
	narrow, rest, err := l.narrow(l.query.Filter)
	if err != nil {
		return page, err
	}
	db := func() *gorm.DB { return narrow(l.base()).Model(l.table) }
	column, sortable := l.column()
	if rest == nil && sortable {
		return l.paged(page, db, column)
	}
	return l.looked(page, db, rest)
}

// column is the one to sort by; ok is false where the database has none.
func (l lister) column() (name string, ok bool) {
	p := l.query.SortBy
	if p.Name == "" {
		return "id", true
	}
	key := strings.ToLower(p.Name)
	if p.Sub != "" {
		key += "." + strings.ToLower(p.Sub)
	}
	name, ok = sortColumns[l.t.Name][key]
	return name, ok && p.URN == ""
}

func (l lister) paged(page Listed, db func() *gorm.DB, column string) (Listed, error) {
	var total int64
	if err := db().Count(&total).Error; err != nil {
		return page, err
	}
	page.Total = int(total)
	if l.query.Count == 0 || l.query.Start > page.Total {
		return page, nil
	}
	order := inOrder(column, l.query.Down)
	// Ids first, from the index alone: what stands before the page is not read.
	var ids []string
	if err := db().Order(order).Offset(l.query.Start-1).Limit(l.query.Count).Pluck("id", &ids).Error; err != nil {
		return page, err
	}
	found, err := l.page(l.base().Where("id IN ?", ids).Order(order))
	page.Found = found
	return page, err
}

// inOrder is the ORDER BY of a column: like compare, with who has no value last,
// and first in descending order. Only externalId may have none.
func inOrder(column string, down bool) string {
	way := ""
	if down {
		way = " DESC"
	}
	order := column + way
	if column == "external_id" {
		order = "external_id = ''" + way + ", " + order
	}
	if column != "id" {
		order += ", id"
	}
	return order
}

// looked goes over everything that is left, a part at a time.
func (l lister) looked(page Listed, db func() *gorm.DB, rest *Filter) (Listed, error) {
	var all []Found
	after := ""
	members := l.query.Members || rest.mentions("members") || strings.EqualFold(l.query.SortBy.Name, "members")
	for {
		part := db().Where("id > ?", after).Order("id").Limit(atOnce)
		var found []Found
		var err error
		if l.t == GroupType {
			found, err = l.w.groupPage(part, members)
		} else {
			found, err = l.page(part)
		}
		if err != nil {
			return page, err
		}
		for _, one := range found {
			if rest == nil || rest.matches(l.t, one.described()) {
				all = append(all, one)
			}
		}
		if len(found) < atOnce {
			break
		}
		after = found[len(found)-1].Resource.text("id")
	}
	if l.query.SortBy.Name != "" {
		slices.SortStableFunc(all, l.compare)
	}
	page.Total = len(all)
	from := min(l.query.Start-1, len(all))
	page.Found = all[from:min(from+l.query.Count, len(all))]
	return page, nil
}

// compare orders by the primary value, or the first; who has none comes last,
// and first in descending order (RFC 7644, section 3.4.2.3).
func (l lister) compare(a, b Found) int {
	x, y := l.key(a), l.key(b)
	if l.query.Down {
		x, y = y, x
	}
	switch {
	case x == "" && y != "":
		return 1
	case x != "" && y == "":
		return -1
	}
	return cmp.Compare(x, y)
}

func (l lister) key(f Found) string {
	found, a := l.t.values(f.described(), l.query.SortBy)
	if len(found) == 0 {
		return ""
	}
	one := found[0]
	for _, other := range found {
		if object, complex := other.(map[string]any); complex && object["primary"] == true {
			one = other
		}
	}
	if object, complex := one.(map[string]any); complex {
		one = object["value"]
	}
	text, _ := said(one)
	if n, number := one.(json.Number); number {
		text = n.String()
	}
	if a != nil && a.CaseExact {
		return text
	}
	return fold(text)
}

// described is the resource with what the server says of it, as filters see it.
func (f Found) described() Resource {
	r := Resource{}
	for name, value := range f.Resource {
		r[name] = value
	}
	const layout = "2006-01-02T15:04:05.000Z"
	r["meta"] = map[string]any{"resourceType": f.Type.Name, "created": f.Created.UTC().Format(layout), "lastModified": f.Modified.UTC().Format(layout)}
	return r
}

// mentions says whether a filter looks at an attribute.
func (f *Filter) mentions(name string) bool {
	if f == nil {
		return false
	}
	for _, one := range slices.Concat(f.And, f.Or) {
		if one.mentions(name) {
			return true
		}
	}
	return f.Not.mentions(name) || strings.EqualFold(f.Path.Name, name)
}

// narrow gives the part of a filter that an index answers, as a scope, and what
// is left; nil for nothing.
func (l lister) narrow(f *Filter) (scope func(*gorm.DB) *gorm.DB, rest *Filter, err error) {
	none := func(db *gorm.DB) *gorm.DB { return db }
	if f == nil {
		return none, nil, nil
	}
	terms := []*Filter{f}
	if len(f.And) > 0 {
		terms = f.And
	}
	var scopes []func(*gorm.DB) *gorm.DB
	var left []*Filter
	for _, term := range terms {
		if s := l.indexed(term); s != nil {
			scopes = append(scopes, s)
			continue
		}
		left = append(left, term)
	}
	scope = func(db *gorm.DB) *gorm.DB {
		for _, s := range scopes {
			db = s(db)
		}
		return db
	}
	switch len(left) {
	case 0:
	case 1:
		rest = left[0]
	default:
		rest = &Filter{And: left}
	}
	return scope, rest, nil
}

// indexed is an equality on a column as a scope, nil for anything else.
func (l lister) indexed(f *Filter) func(*gorm.DB) *gorm.DB {
	value, text := f.Value.(string)
	if f.Inside != nil && strings.EqualFold(f.Path.Name, "members") && f.Path.URN == "" && f.Path.Sub == "" && l.t == GroupType {
		if ids, plain := f.Inside.named(); plain {
			return l.having(ids)
		}
	}
	if f.Op != "eq" || !text || f.Path.URN != "" {
		return nil
	}
	where := func(query string, value any) func(*gorm.DB) *gorm.DB {
		return func(db *gorm.DB) *gorm.DB { return db.Where(query, value) }
	}
	name := strings.ToLower(f.Path.Name)
	switch {
	case name == "members" && l.t == GroupType && (f.Path.Sub == "" || strings.EqualFold(f.Path.Sub, "value")):
		return l.having([]string{value})
	case f.Path.Sub != "":
	case name == "id":
		return where("id = ?", value)
	case name == "externalid" && value != "":
		return where("external_id = ?", value)
	case name == "username" && l.t == UserType:
		return where("user_name_key = ?", fold(strings.TrimSpace(value)))
	case name == "displayname" && l.t == GroupType:
		return where("display_name_key = ?", fold(strings.TrimSpace(value)))
	}
	return nil
}

// having keeps the groups that have one of some members.
func (l lister) having(ids []string) func(*gorm.DB) *gorm.DB {
	return func(db *gorm.DB) *gorm.DB {
		var in []string
		if err := l.w.tx.Model(&Member{}).Distinct("group_id").Where("directory_id = ? AND member_id IN ?", l.w.ID, ids).Pluck("group_id", &in).Error; err != nil {
			db.AddError(err)
		}
		return db.Where("id IN ?", in)
	}
}
