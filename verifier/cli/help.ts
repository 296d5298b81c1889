// The text of --help: what the command line promises. args.ts reads what is named here; a test holds the two together.

export const DEFAULT_TIMEOUT_SECONDS = 30;
export const DEFAULT_CONFIRMATIONS = 1;

export const HELP = `usage: medanchor-verify BUNDLE [CONTENT] --rpc URL --contract ADDRESS [options]
       medanchor-verify BUNDLE [CONTENT] --offline --log-key KEY [options]
       medanchor-verify access-log EXPORT --rpc URL --contract ADDRESS | --offline --log-key KEY [options]

BUNDLE   a proof bundle (JSON); CONTENT the record as it was received; - is standard input
EXPORT   an access log as GET /v1/access-log/export gives it (NDJSON): whether its events are what the log commits to

  --rpc URL              JSON-RPC endpoint of the chain: your own node, or one that you trust
  --contract ADDRESS     the AnchorRegistry, learned from a source that you trust (never from the bundle)
  --chain-id N           the chain that the endpoint must serve
  --confirmations N      blocks that you ask for, the anchor's own counts (default ${DEFAULT_CONFIRMATIONS})
  --log-key KEY          verifier key of the log (name+hash+base64), or @FILE with one a line; may be repeated
  --source, --record, --version-id NAME
                         what the bundle should be about
  --media-type TYPE      media type of CONTENT (default: the one that was recorded)
  --timeout SECONDS      patience with the chain, in all (default ${DEFAULT_TIMEOUT_SECONDS})
  --offline              check all but the chain
  --json                 the report as JSON
  --help, --version

exit code  0  intact: what is required was checked and holds. Offline: all but the anchor, with a --log-key
           1  altered: something does not hold
           2  the command line, the bundle or a file cannot be used
           3  could not be checked: not anchored yet, too few confirmations, the chain cannot be reached or
              talks nonsense, a salt is missing in the bundle, or no key was given offline

Without CONTENT only the proof is checked. Content, salts and keys are never printed, but for the single fields that
a bundle itself discloses.
`;
