package directory

import (
	"strconv"
	"strings"

	"locum/handlers/web"
	"locum/models/directory"
	views "locum/views/directory"
)

func (p *Pages) askRemove(r *web.Request) (web.Response, error) {
	return p.removePage(r, views.Removal{Keep: true})
}

// removePage asks what becomes of the roles; what was typed stays.
func (p *Pages) removePage(r *web.Request, f views.Removal) (web.Response, error) {
	own, err := p.get(r)
	if err != nil {
		return web.Response{}, err
	}
	f.Directory = own
	if f.Matched, err = p.directories.Matched(r.Context(), r.Actor, own.ID); err != nil {
		return web.Response{}, err
	}
	if len(f.Wrong) > 0 {
		return web.Invalid(views.Remove(f)), nil
	}
	return web.Page(views.Remove(f)), nil
}

// remove ends a directory. Whoever chose nothing takes the roles, which asks for
// the number of people where there are any.
func (p *Pages) remove(r *web.Request) (web.Response, error) {
	f := views.Removal{Confirm: r.FormValue("confirm"), Keep: r.FormValue("decision") == "keep", People: strings.TrimSpace(r.FormValue("people"))}
	own, err := p.get(r)
	if err != nil {
		return web.Response{}, err
	}
	in := directory.Ending{Name: f.Confirm, Leave: f.Keep}
	if f.People != "" {
		if in.People, err = strconv.Atoi(f.People); err != nil {
			in.People = -1 // no number is not the number
		}
	}
	err = p.directories.Remove(r.Context(), r.Actor, own.ID, in)
	if wrong, ok := web.Wrong(err); ok {
		f.Wrong = wrong
		return p.removePage(r, f)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(path, "directory.removed", "Name", own.Name), nil
}
