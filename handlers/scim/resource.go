package scim

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"locum/models"
	"locum/models/directory"
)

// kind is a type of resource with what can be done to it.
type kind struct {
	path    string
	list    func(*request, directory.Query) (directory.Listed, error)
	get     func(r *request, id string, members bool) (directory.Found, error)
	create  func(r *request, body map[string]any) (directory.Found, error)
	replace func(r *request, id string, body map[string]any) (directory.Found, error)
	patch   func(r *request, id string, operations []directory.Operation, members bool) (directory.Found, error)
	remove  func(r *request, id string) error
	quiet   bool // a PATCH is answered 204
}

func (r *request) of() (context.Context, *directory.Directories, directory.Client) {
	return r.Context(), r.area.Directories, r.client
}

var users = kind{
	path: "/Users",
	list: func(r *request, q directory.Query) (directory.Listed, error) {
		ctx, d, c := r.of()
		return d.ListUsers(ctx, c, q)
	},
	get: func(r *request, id string, _ bool) (directory.Found, error) {
		ctx, d, c := r.of()
		return d.GetUser(ctx, c, id)
	},
	create: func(r *request, body map[string]any) (directory.Found, error) {
		ctx, d, c := r.of()
		return d.CreateUser(ctx, c, body)
	},
	replace: func(r *request, id string, body map[string]any) (directory.Found, error) {
		ctx, d, c := r.of()
		return d.ReplaceUser(ctx, c, id, body, r.match())
	},
	patch: func(r *request, id string, operations []directory.Operation, _ bool) (directory.Found, error) {
		ctx, d, c := r.of()
		return d.PatchUser(ctx, c, id, operations, r.match())
	},
	remove: func(r *request, id string) error {
		ctx, d, c := r.of()
		return d.DeleteUser(ctx, c, id, r.match())
	},
}

var groups = kind{
	path: "/Groups", quiet: true,
	list: func(r *request, q directory.Query) (directory.Listed, error) {
		ctx, d, c := r.of()
		return d.ListGroups(ctx, c, q)
	},
	get: func(r *request, id string, members bool) (directory.Found, error) {
		ctx, d, c := r.of()
		return d.GetGroup(ctx, c, id, members)
	},
	create: func(r *request, body map[string]any) (directory.Found, error) {
		ctx, d, c := r.of()
		return d.CreateGroup(ctx, c, body)
	},
	replace: func(r *request, id string, body map[string]any) (directory.Found, error) {
		ctx, d, c := r.of()
		return d.ReplaceGroup(ctx, c, id, body, r.match())
	},
	patch: func(r *request, id string, operations []directory.Operation, members bool) (directory.Found, error) {
		ctx, d, c := r.of()
		return d.PatchGroup(ctx, c, id, operations, r.match(), members)
	},
	remove: func(r *request, id string) error {
		ctx, d, c := r.of()
		return d.DeleteGroup(ctx, c, id, r.match())
	},
}

// etag is the version of a resource as a weak entity tag.
func etag(version int64) string { return fmt.Sprintf(`W/"%d"`, version) }

// match is the If-Match of the request; nil where there is none.
func (r *request) match() directory.Match {
	sent := r.Header.Get("If-Match")
	if strings.TrimSpace(sent) == "" {
		return nil
	}
	return func(version int64) bool { return tagged(sent, version) }
}

// tagged says whether a list of entity tags holds the version, compared weakly.
func tagged(list string, version int64) bool {
	want := strings.TrimPrefix(etag(version), "W/")
	for one := range strings.SplitSeq(list, ",") {
		one = strings.TrimSpace(one)
		if one == "*" || strings.TrimPrefix(one, "W/") == want {
			return true
		}
	}
	return false
}

func (r *request) get(k kind, id string) (answer, error) {
	s := r.selection()
	found, err := k.get(r, id, s.wants("members"))
	if err != nil {
		return answer{}, err
	}
	if sent := r.Header.Get("If-None-Match"); sent != "" && tagged(sent, found.Version) {
		return answer{status: http.StatusNotModified, header: map[string]string{"ETag": etag(found.Version)}}, nil
	}
	return r.show(k, http.StatusOK, found, s)
}

func (r *request) create(k kind) (answer, error) {
	body, err := directory.ReadJSON(r.body)
	if err != nil {
		return answer{}, err
	}
	found, err := k.create(r, body)
	if err != nil {
		return answer{}, err
	}
	return r.show(k, http.StatusCreated, found, r.selection())
}

func (r *request) replace(k kind, id string) (answer, error) {
	body, err := directory.ReadJSON(r.body)
	if err != nil {
		return answer{}, err
	}
	found, err := k.replace(r, id, body)
	if err != nil {
		return answer{}, err
	}
	return r.show(k, http.StatusOK, found, r.selection())
}

func (r *request) patch(k kind, id string) (answer, error) {
	body, err := directory.ReadJSON(r.body)
	if err != nil {
		return answer{}, err
	}
	operations, err := directory.ReadPatch(body)
	if err != nil {
		return answer{}, err
	}
	s := r.selection()
	asked := len(s.only) > 0 // RFC 7644, section 3.5.2: then the resource is answered
	found, err := k.patch(r, id, operations, asked && s.wants("members"))
	if err != nil {
		return answer{}, err
	}
	if k.quiet && !asked {
		return answer{status: http.StatusNoContent, header: map[string]string{"ETag": etag(found.Version)}}, nil
	}
	return r.show(k, http.StatusOK, found, s)
}

// show answers one resource.
func (r *request) show(k kind, code int, found directory.Found, s selection) (answer, error) {
	resource := r.described(k, found)
	head := map[string]string{"ETag": etag(found.Version), "Location": r.location(k, found)}
	return said(code, s.of(resource), head)
}

func (r *request) location(k kind, found directory.Found) string {
	id, _ := found.Resource["id"].(string)
	return r.area.app.Absolute(Base + k.path + "/" + id)
}

const instant = "2006-01-02T15:04:05.000Z"

// described is a resource with schemas and meta.
func (r *request) described(k kind, found directory.Found) directory.Resource {
	out := directory.Resource{}
	schemas := []string{directory.UserSchema}
	if k.quiet {
		schemas = []string{directory.GroupSchema}
	}
	for name, value := range found.Resource {
		out[name] = value
		if strings.HasPrefix(strings.ToLower(name), "urn:") {
			schemas = append(schemas, name)
		}
	}
	slices.Sort(schemas[1:])
	out["schemas"] = schemas
	out["meta"] = map[string]any{"resourceType": found.Type.Name, "created": found.Created.UTC().Format(instant), "lastModified": found.Modified.UTC().Format(instant),
		"location": r.location(k, found), "version": etag(found.Version)}
	return out
}

func said(code int, value any, head map[string]string) (answer, error) {
	body, err := json.Marshal(value)
	if err != nil {
		return answer{}, models.Fail(models.Internal, "").Because(err)
	}
	return answer{status: code, body: body, header: head}, nil
}
