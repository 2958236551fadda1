package server

import (
	"slices"

	"github.com/gofiber/fiber/v2"
)

// apiPath is where the API begins.
const apiPath = "/api/v1/"

// eventsPath is where streams of events are.
const eventsPath = apiPath + "events"

// healthPath is where the process says that it is alive.
const healthPath = "/healthz"

// access is who a route answers to.
type access uint8

const (
	everyone access = iota // no credentials are looked at
	anyone                 // credentials are looked at where given
	signedIn               // a session or a token, and no password that waits to be changed
	barely                 // as signedIn, but a password that waits to be changed is no hindrance
	admins                 // workspace administrators
)

// body is what a route reads.
type body uint8

const (
	noBody     body = iota // any body is refused
	smallJSON              // one JSON value up to 64 KiB
	largeJSON              // one JSON value up to 4 MiB
	emptyJSON              // nothing, or one JSON value up to 64 KiB
	zipOrJSON              // a zip archive up to the upload limit, or JSON
	formUpload             // multipart/form-data with one file, read as it comes
)

// route is one line of the table: what is asked for, who may ask, what is read, which query parameters there are.
type route struct {
	method string
	path   string // fiber's syntax
	access access
	body   body
	query  []string
	run    func(*Server, *exchange) error
}

// Query parameters that several routes share.
var (
	readQuery   = []string{"fields", "expand", "display"}
	pageQuery   = []string{"page_size", "page_token"}
	noticeQuery = append([]string{"unread"}, pageQuery...)
	listQuery   = slices.Concat([]string{"filter", "order_by", "search", "count", "deleted", "view", "saved", "skip"}, pageQuery, readQuery)
)

// routes is every address that Tenon answers, most specific first: what is written with a colon comes before the
// collection, and entities come last, so that no entity can hide a resource of the platform.
var routes = []route{
	{"GET", healthPath, everyone, noBody, nil, (*Server).health},
	{"GET", "/readyz", everyone, noBody, nil, (*Server).ready},
	{"GET", "/metrics", anyone, noBody, nil, (*Server).metricsText},

	{"GET", "/api/v1/setup", everyone, noBody, nil, (*Server).setupState},
	{"POST", "/api/v1/setup", everyone, smallJSON, nil, (*Server).setupRun},
	{"POST", "/api/v1/sessions", everyone, smallJSON, nil, (*Server).sessionCreate},
	{"GET", "/api/v1/sessions", barely, noBody, nil, (*Server).sessionList},
	{"DELETE", "/api/v1/sessions/:id", barely, noBody, nil, (*Server).sessionDelete},
	{"GET", "/api/v1/me", barely, noBody, nil, (*Server).meGet},
	{"PATCH", "/api/v1/me", barely, smallJSON, nil, (*Server).meUpdate},
	{"GET", "/api/v1/tokens", signedIn, noBody, nil, (*Server).tokenList},
	{"POST", "/api/v1/tokens", signedIn, smallJSON, nil, (*Server).tokenCreate},
	{"DELETE", "/api/v1/tokens/:id", signedIn, noBody, nil, (*Server).tokenDelete},
	{"GET", "/api/v1/people", signedIn, noBody, []string{"q", "ids", "page_size"}, (*Server).personList},

	{"GET", "/api/v1/users", admins, noBody, append([]string{"q"}, pageQuery...), (*Server).userList},
	{"POST", "/api/v1/users", admins, smallJSON, nil, (*Server).userCreate},
	{"GET", "/api/v1/users/:id", admins, noBody, nil, (*Server).userGet},
	{"PATCH", "/api/v1/users/:id", admins, smallJSON, nil, (*Server).userUpdate},
	{"DELETE", "/api/v1/users/:id", admins, noBody, nil, (*Server).userDelete},
	{"POST", "/api/v1/users/:id\\:reset", admins, emptyJSON, nil, (*Server).userReset},
	{"POST", "/api/v1/password-resets", everyone, smallJSON, nil, (*Server).passwordReset},
	{"GET", "/api/v1/users/:id/tokens", admins, noBody, pageQuery, (*Server).userTokenList},
	{"DELETE", "/api/v1/users/:id/tokens/:token", admins, noBody, nil, (*Server).userTokenDelete},
	{"GET", "/api/v1/departments", signedIn, noBody, nil, (*Server).departmentList},
	{"POST", "/api/v1/departments", admins, smallJSON, nil, (*Server).departmentCreate},
	{"PATCH", "/api/v1/departments/:id", admins, smallJSON, nil, (*Server).departmentUpdate},
	{"DELETE", "/api/v1/departments/:id", admins, noBody, nil, (*Server).departmentDelete},

	{"GET", "/api/v1/audit", admins, noBody, auditQuery, (*Server).auditList},
	{"POST", "/api/v1/audit\\:verify", admins, emptyJSON, nil, (*Server).auditVerified},
	{"GET", "/api/v1/templates", signedIn, noBody, nil, (*Server).templateList},
	{"GET", "/api/v1/templates/:name", signedIn, noBody, nil, (*Server).templateGet},
	{"GET", "/api/v1/openapi.json", anyone, noBody, []string{"app"}, (*Server).openapi},
	{"GET", "/api/v1/schemas", everyone, noBody, nil, (*Server).schemaList},
	{"GET", "/api/v1/schemas/:kind", everyone, noBody, nil, (*Server).schemaGet},
	{"GET", "/api/v1/functions", everyone, noBody, nil, (*Server).functionList},
	{"GET", eventsPath, signedIn, noBody, []string{"app", "entity", "record"}, (*Server).events},
	{"GET", "/api/v1/notifications", signedIn, noBody, noticeQuery, (*Server).notificationList},
	{"POST", "/api/v1/notifications\\:read", signedIn, smallJSON, nil, (*Server).notificationsRead},
	{"GET", "/api/v1/todos", signedIn, noBody, nil, (*Server).todoList},
	{"GET", "/api/v1/apps", signedIn, noBody, nil, (*Server).appList},
	{"POST", "/api/v1/apps", signedIn, smallJSON, nil, (*Server).appCreate},

	{"GET", "/api/v1/apps/:app/openapi.json", signedIn, noBody, nil, (*Server).openapi},
	{"GET", "/api/v1/apps/:app/meta", signedIn, noBody, nil, (*Server).appMeta},
	{"POST", "/api/v1/apps/:app/views/:view\\:data", signedIn, smallJSON, nil, (*Server).viewData},
	{"GET", "/api/v1/apps/:app/views/:view", signedIn, noBody, nil, (*Server).viewGet},
	{"GET", "/api/v1/apps/:app/search", signedIn, noBody, []string{"q", "entities", "limit"}, (*Server).appSearch},
	{"GET", "/api/v1/apps/:app/views/:view/saved", signedIn, noBody, nil, (*Server).savedViewList},
	{"POST", "/api/v1/apps/:app/views/:view/saved", signedIn, smallJSON, nil, (*Server).savedViewCreate},
	{"PATCH", "/api/v1/apps/:app/views/:view/saved/:id", signedIn, smallJSON, nil, (*Server).savedViewUpdate},
	{"DELETE", "/api/v1/apps/:app/views/:view/saved/:id", signedIn, noBody, nil, (*Server).savedViewDelete},
	{"GET", "/api/v1/apps/:app/roles", admins, noBody, nil, (*Server).roleList},
	{"PUT", "/api/v1/apps/:app/roles/:role/users/:user", admins, noBody, nil, (*Server).roleAssign},
	{"DELETE", "/api/v1/apps/:app/roles/:role/users/:user", admins, noBody, nil, (*Server).roleWithdraw},
	{"GET", "/api/v1/apps/:app/documents\\:export", signedIn, noBody, nil, (*Server).documentsExport},
	{"POST", "/api/v1/apps/:app/documents\\:import", signedIn, zipOrJSON, nil, (*Server).documentsImport},
	{"GET", "/api/v1/apps/:app/documents", signedIn, noBody, nil, (*Server).documentList},
	{"PUT", "/api/v1/apps/:app/documents", signedIn, largeJSON, nil, (*Server).documentsPut},
	{"GET", "/api/v1/apps/:app/documents/:kind/:name", signedIn, noBody, []string{"revision"}, (*Server).documentGet},
	{"PUT", "/api/v1/apps/:app/documents/:kind/:name", signedIn, largeJSON, nil, (*Server).documentPut},
	{"DELETE", "/api/v1/apps/:app/documents/:kind/:name", signedIn, noBody, nil, (*Server).documentDelete},
	{"POST", "/api/v1/apps/:app/ledgers/:ledger\\:lock", signedIn, smallJSON, nil, (*Server).ledgerLock},
	{"POST", "/api/v1/apps/:app/ledgers/:ledger\\:close", signedIn, smallJSON, nil, (*Server).ledgerClose},
	{"POST", "/api/v1/apps/:app/ledgers/:ledger\\:verify", signedIn, emptyJSON, nil, (*Server).ledgerVerify},
	{"GET", "/api/v1/apps/:app/ledgers/:ledger", signedIn, noBody, nil, (*Server).ledgerGet},
	{"GET", "/api/v1/apps/:app/ledgers", signedIn, noBody, nil, (*Server).ledgerList},
	{"POST", "/api/v1/apps/:app\\:verify", signedIn, emptyJSON, nil, (*Server).appVerify},
	{"POST", "/api/v1/apps/:app\\:repost", signedIn, smallJSON, nil, (*Server).appRepost},
	{"GET", "/api/v1/apps/:app/verification", signedIn, noBody, nil, (*Server).appVerification},
	{"GET", "/api/v1/apps/:app/jobs", signedIn, noBody, nil, (*Server).jobList},
	{"GET", "/api/v1/apps/:app/check", signedIn, noBody, nil, (*Server).draftCheck},
	{"GET", "/api/v1/apps/:app/plan", signedIn, noBody, nil, (*Server).draftPlan},
	{"GET", "/api/v1/apps/:app/releases", signedIn, noBody, pageQuery, (*Server).releaseList},
	{"POST", "/api/v1/apps/:app/releases", signedIn, emptyJSON, nil, (*Server).releaseCreate},
	{"POST", "/api/v1/files", signedIn, formUpload, nil, (*Server).fileUpload},
	{"GET", "/api/v1/files/:id", signedIn, noBody, nil, (*Server).fileDownload},

	{"POST", "/api/v1/apps/:app/:entity\\:batch", signedIn, largeJSON, nil, (*Server).recordBatch},
	{"POST", "/api/v1/apps/:app/:entity\\:aggregate", signedIn, smallJSON, nil, (*Server).recordAggregate},
	{"POST", "/api/v1/apps/:app/:entity\\:evaluate", signedIn, largeJSON, nil, (*Server).recordEvaluate},
	{"POST", "/api/v1/apps/:app/:entity\\:options", signedIn, largeJSON, nil, (*Server).recordOptions},
	{"POST", "/api/v1/apps/:app/:entity\\:export", signedIn, smallJSON, nil, (*Server).recordExport},
	{"POST", "/api/v1/apps/:app/:entity\\:import", signedIn, formUpload, importQuery, (*Server).importNow},
	{"POST", "/api/v1/apps/:app/:entity/imports", signedIn, formUpload, []string{"sheet"}, (*Server).importUpload},
	{"POST", "/api/v1/apps/:app/:entity/imports/:import\\:preview", signedIn, smallJSON, nil, (*Server).importPreview},
	{"POST", "/api/v1/apps/:app/:entity/imports/:import\\:run", signedIn, smallJSON, nil, (*Server).importRun},
	{"POST", "/api/v1/apps/:app/:entity/imports/:import\\:cancel", signedIn, emptyJSON, nil, (*Server).importCancel},
	{"GET", "/api/v1/apps/:app/:entity/imports\\:template", signedIn, noBody, []string{"lines", "format"}, (*Server).importTemplate},
	{"GET", "/api/v1/apps/:app/:entity/imports/:import", signedIn, noBody, nil, (*Server).importStatus},
	{"GET", "/api/v1/apps/:app/:entity/:id\\:history", signedIn, noBody, pageQuery, (*Server).recordHistory},
	{"GET", "/api/v1/apps/:app/:entity/:id\\:explain", signedIn, noBody, []string{"field", "line", "page_token"}, (*Server).recordExplain},
	{"GET", "/api/v1/apps/:app/:entity/:id\\:why", signedIn, noBody, []string{"action"}, (*Server).recordWhy},
	{"POST", "/api/v1/apps/:app/:entity/:id\\:transition", signedIn, smallJSON, readQuery, (*Server).recordTransition},
	{"POST", "/api/v1/apps/:app/:entity/:id\\:restore", signedIn, emptyJSON, nil, (*Server).recordRestore},
	{"POST", "/api/v1/apps/:app/:entity/:id\\:duplicate", signedIn, emptyJSON, nil, (*Server).recordDuplicate},
	{"GET", "/api/v1/apps/:app/:entity/:id/comments", signedIn, noBody, pageQuery, (*Server).commentList},
	{"POST", "/api/v1/apps/:app/:entity/:id/comments", signedIn, smallJSON, nil, (*Server).commentCreate},
	{"PATCH", "/api/v1/apps/:app/:entity/:id/comments/:comment", signedIn, smallJSON, nil, (*Server).commentUpdate},
	{"DELETE", "/api/v1/apps/:app/:entity/:id/comments/:comment", signedIn, noBody, nil, (*Server).commentDelete},
	{"PUT", "/api/v1/apps/:app/:entity/:id/presence", signedIn, smallJSON, nil, (*Server).presencePut},
	{"DELETE", "/api/v1/apps/:app/:entity/:id/presence", signedIn, noBody, nil, (*Server).presenceDelete},
	{"GET", "/api/v1/apps/:app/:entity", signedIn, noBody, listQuery, (*Server).recordList},
	{"POST", "/api/v1/apps/:app/:entity", signedIn, largeJSON, readQuery, (*Server).recordCreate},
	{"GET", "/api/v1/apps/:app/:entity/:id", signedIn, noBody, readQuery, (*Server).recordGet},
	{"PATCH", "/api/v1/apps/:app/:entity/:id", signedIn, largeJSON, readQuery, (*Server).recordUpdate},
	{"DELETE", "/api/v1/apps/:app/:entity/:id", signedIn, noBody, nil, (*Server).recordDelete},
}

// mount adds all routes to the application.
func (s *Server) mount(app *fiber.App) {
	app.Use(s.outermost)
	for i := range routes {
		r := &routes[i]
		app.Add(r.method, r.path, func(c *fiber.Ctx) error { return s.through(c, r) })
	}
	app.Get("/*", s.static)
}
