/* SPDX-License-Identifier: GPL-2.0 */
/* The script by which Wireshark filters on keys of the record. */
#include <string.h>

#include "gendocs.h"
#include "output/record.h"

static const char head[] =
	"-- SPDX-License-Identifier: GPL-2.0\n"
	"-- Made from the program's tables by \"make docs\": do not edit.\n"
	"--\n"
	"-- Makes display filters of what rsttrace says of a reset in the comments of its packet\n"
	"-- (rsttrace --pcapng): each key of the record, and rsttrace.process for either end's name or\n"
	"-- program:\n"
	"--\n"
	"--   rsttrace.cause == \"close-with-unread\"\n"
	"--   rsttrace.process == \"nginx\" && rsttrace.sender_unread > 1000\n"
	"--   rsttrace.error_errno == \"EPIPE\" && rsttrace.victim_pid == 812\n"
	"--\n"
	"-- Put it into Wireshark's folder of Lua plugins (Help, About, Folders), or give it on the\n"
	"-- command line: wireshark -X lua_script:rsttrace.lua FILE. For Wireshark 4.0 and newer.\n\n"
	"local rsttrace = Proto(\"rsttrace\", \"TCP reset explained by rsttrace\")\n"
	"local comments = Field.new(\"frame.comment\")\n\n"
	"local fields = {\n";

static const char tail[] =
	"}\n\n"
	"local process = ProtoField.string(\"rsttrace.process\", \"process\", base.UNICODE,\n"
	"\t\"name or program of either end, or of who made a failing call\")\n"
	"local names_process = {\n"
	"\tsender_comm = true, victim_comm = true, error_comm = true,\n"
	"\tsender_exe = true, victim_exe = true,\n"
	"}\n\n"
	"local declared = { process }\n"
	"for _, field in pairs(fields) do\n"
	"\tdeclared[#declared + 1] = field.proto\n"
	"end\n"
	"rsttrace.fields = declared\n\n"
	"local function add(tree, key, value)\n"
	"\tlocal field = fields[key]\n"
	"\tif not field then\n"
	"\t\treturn\n"
	"\tend\n"
	"\tif field.kind == \"int\" then\n"
	"\t\ttree:add(field.proto, Int64.new(tonumber(value)))\n"
	"\telseif field.kind == \"bool\" then\n"
	"\t\ttree:add(field.proto, value ~= \"0\")\n"
	"\telse\n"
	"\t\ttree:add(field.proto, value)\n"
	"\tend\n"
	"\tif names_process[key] then\n"
	"\t\ttree:add(process, value):set_hidden()\n"
	"\tend\n"
	"end\n\n"
	"function rsttrace.dissector(_, pinfo, tree)\n"
	"\tfor _, comment in ipairs({ comments() }) do\n"
	"\t\tlocal text = tostring(comment.value)\n"
	"\t\tif text:sub(1, #\"schema=rsttrace/\") == \"schema=rsttrace/\" then\n"
	"\t\t\tlocal told = tree:add(rsttrace)\n"
	"\t\t\tfor key, value in text:gmatch(\"([%w_]+)=([^\\n]*)\\n\") do\n"
	"\t\t\t\tadd(told, key, value)\n"
	"\t\t\t\tif key == \"cause_text\" then\n"
	"\t\t\t\t\tpinfo.cols.info:append(\"  \" .. value)\n"
	"\t\t\t\tend\n"
	"\t\t\tend\n"
	"\t\tend\n"
	"\tend\n"
	"end\n\n"
	"register_postdissector(rsttrace)\n";

static void quote(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', out);
		fputc(*text, out);
	}
	fputc('"', out);
}

/* Numbers of Lua are exact only up to 2^53; the time is also that of the packet. */
static bool is_left_out(const struct record_doc *doc)
{
	return strchr(doc->key, '[') || !strncmp(doc->type, "array", 5) || !strcmp(doc->key, "time_ns");
}

static int put_field(void *ctx, const struct record_doc *doc)
{
	FILE *out = ctx;
	bool is_int = !strcmp(doc->type, "int"), is_bool = !strcmp(doc->type, "bool");

	if (is_left_out(doc))
		return 0;
	fprintf(out, "\t%s = { kind = \"%s\", proto = ProtoField.%s(\"rsttrace.%s\", \"%s\", %s,\n\t\t", doc->key,
		doc->type, is_int ? "int64" : is_bool ? "bool" : "string", doc->key, doc->key,
		is_int ? "base.DEC, nil, nil" : is_bool ? "base.NONE, nil, nil" : "base.UNICODE");
	quote(out, doc->meaning);
	fputs(") },\n", out);
	return 0;
}

void gendocs_lua(FILE *out)
{
	fputs(head, out);
	record_describe(put_field, out);
	fputs(tail, out);
}
