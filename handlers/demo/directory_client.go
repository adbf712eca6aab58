package demo

import (
	"net/url"
	"slices"
	"strings"
)

// Client is whose way of speaking SCIM is played.
type Client string

// The clients.
const (
	ClientOkta     Client = "okta"
	ClientEntra    Client = "entra"     // as Entra ID speaks unless it is told otherwise
	ClientEntraRFC Client = "entra-rfc" // with aadOptscim062020 behind the address
)

// clientChoice is a client as the page offers it.
type clientChoice struct {
	Key         Client
	Label, Hint string
}

var clientChoices = []clientChoice{
	{ClientEntra, "Entra ID", "Capital operations, booleans as text, members removed by value."},
	{ClientEntraRFC, "Entra ID, RFC mode", "With ?aadOptscim062020: by the letter of RFC 7644."},
	{ClientOkta, "Okta", "Profiles by PUT, never a DELETE of a user, groups flattened."},
}

// Label is the client's name.
func (c Client) Label() string {
	for _, choice := range clientChoices {
		if choice.Key == c {
			return choice.Label
		}
	}
	return string(c)
}

// Schemas of RFC 7643 and 7644 that clients name.
const (
	userSchema       = "urn:ietf:params:scim:schemas:core:2.0:User"
	enterpriseSchema = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	groupSchema      = "urn:ietf:params:scim:schemas:core:2.0:Group"
	patchSchema      = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
)

// call is one request to the hub, its path below the base address.
type call struct {
	Method, Path string
	Body         any // nil for none; a string is sent as it is
	IfMatch      string
	ContentType  string // application/scim+json when empty
	Nameless     bool   // without the token
}

type object = map[string]any

// operation is one operation of a PATCH.
type operation struct {
	Op    string `json:"op"`
	Path  string `json:"path,omitempty"`
	Value any    `json:"value,omitempty"`
}

func patch(path string, operations ...operation) call {
	return call{Method: "PATCH", Path: path, Body: struct {
		Schemas    []string    `json:"schemas"`
		Operations []operation `json:"Operations"`
	}{[]string{patchSchema}, operations}}
}

// filtered is a list with a filter, and what else the client asks with it.
func filtered(list, filter, more string) call {
	return call{Method: "GET", Path: list + "?filter=" + url.QueryEscape(filter) + more}
}

func quoted(text string) string { return `"` + text + `"` }

// entra says that one of Entra ID's two modes is played.
func (c Client) entra() bool { return c != ClientOkta }

// lookUp asks for somebody: by a filter, and Okta by his id once it knows it.
func (c Client) lookUp(p *directoryPerson) call {
	switch {
	case c.entra():
		return filtered("/Users", "externalId eq "+quoted(p.Key), "")
	case p.ID != "":
		return call{Method: "GET", Path: "/Users/" + p.ID}
	}
	return filtered("/Users", "userName eq "+quoted(p.UserName), "&startIndex=1&count=100")
}

// whole is somebody as a resource.
func (c Client) whole(key string, is Profile) object {
	user := object{
		"schemas": []string{userSchema, enterpriseSchema}, "externalId": key, "userName": is.UserName, "active": is.Active, "displayName": is.Name(),
		"name":           object{"givenName": is.GivenName, "familyName": is.FamilyName, "formatted": is.Name()},
		"emails":         []object{{"primary": true, "type": "work", "value": is.Email}},
		enterpriseSchema: object{"department": is.Department},
	}
	if is.Title != "" {
		user["title"] = is.Title
	}
	if is.Country != "" {
		user["addresses"] = []object{{"type": "work", "country": is.Country}}
	}
	if c == ClientOkta {
		user["locale"], user["groups"], user["password"] = "en-US", []string{}, "1mz050nq"
	} else {
		user["meta"] = object{"resourceType": "User"}
	}
	return user
}

// change brings somebody at the hub from what he was to what he is.
func (c Client) change(id, key string, was, is Profile) call {
	path := "/Users/" + id
	if c == ClientOkta {
		turned := was
		turned.Active = is.Active
		if turned == is {
			return patch(path, operation{Op: "replace", Value: object{"active": is.Active}})
		}
		user := c.whole(key, is)
		user["id"] = id
		return call{Method: "PUT", Path: path, Body: user}
	}
	var operations []operation
	values := object{} // what RFC mode sends without a path
	for _, a := range []struct{ path, was, is string }{
		{"userName", was.UserName, is.UserName},
		{"displayName", was.Name(), is.Name()},
		{"name.givenName", was.GivenName, is.GivenName},
		{"name.familyName", was.FamilyName, is.FamilyName},
		{`emails[type eq "work"].value`, was.Email, is.Email},
		{enterpriseSchema + ":department", was.Department, is.Department},
		{"title", was.Title, is.Title},
		{`addresses[type eq "work"].country`, was.Country, is.Country},
	} {
		switch {
		case a.was == a.is:
		case a.is == "":
			operations = append(operations, operation{Op: c.word("Remove"), Path: a.path})
		case c == ClientEntraRFC && !strings.Contains(a.path, "["):
			values[a.path] = a.is
		case a.was == "":
			operations = append(operations, operation{c.word("Add"), a.path, a.is})
		default:
			operations = append(operations, operation{c.word("Replace"), a.path, a.is})
		}
	}
	if len(values) > 0 {
		operations = append([]operation{{Op: "replace", Value: values}}, operations...)
	}
	if was.Active != is.Active {
		operations = append(operations, operation{c.word("Replace"), "active", c.boolean(is.Active)})
	}
	return patch(path, operations...)
}

// word is an operation's name as the client spells it.
func (c Client) word(op string) string {
	if c == ClientEntra {
		return op
	}
	return map[string]string{"Add": "add", "Replace": "replace", "Remove": "remove"}[op]
}

// boolean is a boolean as the client writes it in a PATCH.
func (c Client) boolean(value bool) any {
	switch {
	case c != ClientEntra:
		return value
	case value:
		return "True"
	}
	return "False"
}

// lookUpGroup asks for a group, without its members where the client can.
func (c Client) lookUpGroup(g *directoryGroup) call {
	switch {
	case c == ClientOkta && g.ID == "":
		return filtered("/Groups", "displayName eq "+quoted(g.Name), "&startIndex=1&count=100")
	case c == ClientOkta:
		return call{Method: "GET", Path: "/Groups/" + g.ID}
	case g.ID != "":
		return call{Method: "GET", Path: "/Groups/" + g.ID + "?excludedAttributes=members"}
	}
	return filtered("/Groups", "displayName eq "+quoted(g.Name), "&excludedAttributes=members")
}

// newGroup makes a group. Okta names the members at once.
func (c Client) newGroup(g *directoryGroup, members []object) call {
	body := object{"schemas": []string{groupSchema}, "displayName": g.Name}
	if c == ClientOkta {
		body["members"] = members
	} else {
		body["externalId"], body["meta"] = g.Key, object{"resourceType": "Group"}
	}
	return call{Method: "POST", Path: "/Groups", Body: body}
}

// rename changes a group's name.
func (c Client) rename(id, name string) call {
	switch c {
	case ClientOkta:
		return patch("/Groups/"+id, operation{Op: "replace", Value: object{"id": id, "displayName": name}})
	case ClientEntraRFC:
		return patch("/Groups/"+id, operation{Op: "replace", Value: object{"displayName": name}})
	}
	return patch("/Groups/"+id, operation{"Replace", "displayName", name})
}

// member is a member as the client writes it.
func (c Client) member(id, display string) object {
	switch c {
	case ClientOkta:
		return object{"value": id, "display": display}
	case ClientEntra:
		return object{"$ref": nil, "value": id}
	}
	return object{"value": id}
}

// membership adds members and removes others.
func (c Client) membership(group string, add, remove []object) call {
	var operations []operation
	if len(add) > 0 {
		operations = append(operations, operation{c.word("Add"), "members", add})
	}
	if c == ClientEntra && len(remove) > 0 {
		gone := slices.Clone(remove)
		for i, m := range gone {
			gone[i] = object{"value": m["value"]}
		}
		return patch("/Groups/"+group, append(operations, operation{"Remove", "members", gone})...)
	}
	for _, m := range remove {
		operations = append(operations, operation{Op: "remove", Path: `members[value eq ` + quoted(m["value"].(string)) + `]`})
	}
	return patch("/Groups/"+group, operations...)
}

// probe asks whether somebody is a member, as Entra ID does before it changes
// that.
func (c Client) probe(group, member string) call {
	return filtered("/Groups", "id eq "+quoted(group)+" and members[value eq "+quoted(member)+"]", "&attributes=id")
}
