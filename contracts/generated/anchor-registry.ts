// Generated from contracts/AnchorRegistry.sol by scripts/generate-contract.ts. Do not edit: change the contract and run
// that program again.

/** The interface: functions, events and every custom error a call can end with. */
export const anchorRegistryAbi = [
  { inputs: [{ internalType: 'address', name: 'target', type: 'address' }], name: 'AddressEmptyCode', type: 'error' },
  {
    inputs: [
      { internalType: 'bytes32', name: 'logId', type: 'bytes32' },
      { internalType: 'address', name: 'submitter', type: 'address' },
    ],
    name: 'AnchorAlreadySubmitter',
    type: 'error',
  },
  {
    inputs: [
      { internalType: 'bytes32', name: 'logId', type: 'bytes32' },
      { internalType: 'bytes32', name: 'storedRoot', type: 'bytes32' },
      { internalType: 'bytes32', name: 'computedStoredRoot', type: 'bytes32' },
      { internalType: 'bytes32', name: 'root', type: 'bytes32' },
      { internalType: 'bytes32', name: 'computedRoot', type: 'bytes32' },
    ],
    name: 'AnchorHistoryRewritten',
    type: 'error',
  },
  {
    inputs: [
      { internalType: 'bytes32', name: 'logId', type: 'bytes32' },
      { internalType: 'address', name: 'owner', type: 'address' },
    ],
    name: 'AnchorLogAlreadyRegistered',
    type: 'error',
  },
  { inputs: [{ internalType: 'bytes32', name: 'logId', type: 'bytes32' }], name: 'AnchorLogUnknown', type: 'error' },
  {
    inputs: [
      { internalType: 'bytes32', name: 'logId', type: 'bytes32' },
      { internalType: 'address', name: 'caller', type: 'address' },
    ],
    name: 'AnchorNotLogOwner',
    type: 'error',
  },
  { inputs: [{ internalType: 'bytes32', name: 'logId', type: 'bytes32' }], name: 'AnchorNotPaused', type: 'error' },
  {
    inputs: [
      { internalType: 'bytes32', name: 'logId', type: 'bytes32' },
      { internalType: 'address', name: 'caller', type: 'address' },
    ],
    name: 'AnchorNotPendingOwner',
    type: 'error',
  },
  {
    inputs: [
      { internalType: 'bytes32', name: 'logId', type: 'bytes32' },
      { internalType: 'address', name: 'caller', type: 'address' },
    ],
    name: 'AnchorNotSubmitter',
    type: 'error',
  },
  { inputs: [{ internalType: 'bytes32', name: 'logId', type: 'bytes32' }], name: 'AnchorPaused', type: 'error' },
  {
    inputs: [
      { internalType: 'bytes32', name: 'logId', type: 'bytes32' },
      { internalType: 'uint64', name: 'size', type: 'uint64' },
      { internalType: 'bytes32', name: 'storedRoot', type: 'bytes32' },
      { internalType: 'bytes32', name: 'root', type: 'bytes32' },
    ],
    name: 'AnchorRootConflict',
    type: 'error',
  },
  {
    inputs: [
      { internalType: 'bytes32', name: 'logId', type: 'bytes32' },
      { internalType: 'uint64', name: 'size', type: 'uint64' },
    ],
    name: 'AnchorSizeOutOfRange',
    type: 'error',
  },
  {
    inputs: [
      { internalType: 'bytes32', name: 'logId', type: 'bytes32' },
      { internalType: 'uint64', name: 'storedSize', type: 'uint64' },
      { internalType: 'uint64', name: 'size', type: 'uint64' },
    ],
    name: 'AnchorSizeShrinks',
    type: 'error',
  },
  {
    inputs: [
      { internalType: 'bytes32', name: 'logId', type: 'bytes32' },
      { internalType: 'uint256', name: 'length', type: 'uint256' },
    ],
    name: 'AnchorUnexpectedProof',
    type: 'error',
  },
  { inputs: [{ internalType: 'bytes32', name: 'logId', type: 'bytes32' }], name: 'AnchorZeroSubmitter', type: 'error' },
  { inputs: [], name: 'FailedCall', type: 'error' },
  {
    inputs: [
      { internalType: 'uint64', name: 'size1', type: 'uint64' },
      { internalType: 'uint64', name: 'size2', type: 'uint64' },
      { internalType: 'uint256', name: 'length', type: 'uint256' },
    ],
    name: 'Rfc6962ConsistencyProofLength',
    type: 'error',
  },
  {
    inputs: [
      { internalType: 'uint64', name: 'size1', type: 'uint64' },
      { internalType: 'uint64', name: 'size2', type: 'uint64' },
    ],
    name: 'Rfc6962ConsistencySizes',
    type: 'error',
  },
  { inputs: [], name: 'Rfc6962Sha256Failed', type: 'error' },
  {
    inputs: [
      { internalType: 'uint8', name: 'bits', type: 'uint8' },
      { internalType: 'uint256', name: 'value', type: 'uint256' },
    ],
    name: 'SafeCastOverflowedUintDowncast',
    type: 'error',
  },
  {
    anonymous: false,
    inputs: [
      { indexed: true, internalType: 'bytes32', name: 'logId', type: 'bytes32' },
      { indexed: true, internalType: 'uint64', name: 'size', type: 'uint64' },
      { indexed: false, internalType: 'bytes32', name: 'root', type: 'bytes32' },
    ],
    name: 'HeadAnchored',
    type: 'event',
  },
  {
    anonymous: false,
    inputs: [
      { indexed: true, internalType: 'bytes32', name: 'logId', type: 'bytes32' },
      { indexed: true, internalType: 'address', name: 'owner', type: 'address' },
      { indexed: true, internalType: 'address', name: 'pendingOwner', type: 'address' },
    ],
    name: 'LogOwnershipTransferStarted',
    type: 'event',
  },
  {
    anonymous: false,
    inputs: [
      { indexed: true, internalType: 'bytes32', name: 'logId', type: 'bytes32' },
      { indexed: true, internalType: 'address', name: 'previousOwner', type: 'address' },
      { indexed: true, internalType: 'address', name: 'newOwner', type: 'address' },
    ],
    name: 'LogOwnershipTransferred',
    type: 'event',
  },
  {
    anonymous: false,
    inputs: [
      { indexed: true, internalType: 'bytes32', name: 'logId', type: 'bytes32' },
      { indexed: true, internalType: 'address', name: 'owner', type: 'address' },
    ],
    name: 'LogPaused',
    type: 'event',
  },
  {
    anonymous: false,
    inputs: [
      { indexed: true, internalType: 'bytes32', name: 'logId', type: 'bytes32' },
      { indexed: true, internalType: 'address', name: 'owner', type: 'address' },
    ],
    name: 'LogRegistered',
    type: 'event',
  },
  {
    anonymous: false,
    inputs: [
      { indexed: true, internalType: 'bytes32', name: 'logId', type: 'bytes32' },
      { indexed: true, internalType: 'address', name: 'owner', type: 'address' },
    ],
    name: 'LogUnpaused',
    type: 'event',
  },
  {
    anonymous: false,
    inputs: [
      { indexed: true, internalType: 'bytes32', name: 'logId', type: 'bytes32' },
      { indexed: true, internalType: 'address', name: 'submitter', type: 'address' },
    ],
    name: 'SubmitterAdded',
    type: 'event',
  },
  {
    anonymous: false,
    inputs: [
      { indexed: true, internalType: 'bytes32', name: 'logId', type: 'bytes32' },
      { indexed: true, internalType: 'address', name: 'submitter', type: 'address' },
    ],
    name: 'SubmitterRemoved',
    type: 'event',
  },
  {
    inputs: [{ internalType: 'bytes32', name: 'logId', type: 'bytes32' }],
    name: 'acceptLogOwnership',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [
      { internalType: 'bytes32', name: 'logId', type: 'bytes32' },
      { internalType: 'address', name: 'submitter', type: 'address' },
    ],
    name: 'addSubmitter',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [
      { internalType: 'bytes32', name: 'logId', type: 'bytes32' },
      { internalType: 'uint64', name: 'size', type: 'uint64' },
      { internalType: 'bytes32', name: 'root', type: 'bytes32' },
      { internalType: 'bytes32[]', name: 'proof', type: 'bytes32[]' },
    ],
    name: 'anchor',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [{ internalType: 'bytes32', name: 'logId', type: 'bytes32' }],
    name: 'head',
    outputs: [
      {
        components: [
          { internalType: 'bytes32', name: 'root', type: 'bytes32' },
          { internalType: 'uint64', name: 'size', type: 'uint64' },
          { internalType: 'uint64', name: 'time', type: 'uint64' },
          { internalType: 'uint64', name: 'blockNumber', type: 'uint64' },
        ],
        internalType: 'struct IAnchorRegistry.Head',
        name: '',
        type: 'tuple',
      },
    ],
    stateMutability: 'view',
    type: 'function',
  },
  {
    inputs: [{ internalType: 'bytes32', name: 'logId', type: 'bytes32' }],
    name: 'isPaused',
    outputs: [{ internalType: 'bool', name: '', type: 'bool' }],
    stateMutability: 'view',
    type: 'function',
  },
  {
    inputs: [
      { internalType: 'bytes32', name: 'logId', type: 'bytes32' },
      { internalType: 'address', name: 'account', type: 'address' },
    ],
    name: 'isSubmitter',
    outputs: [{ internalType: 'bool', name: '', type: 'bool' }],
    stateMutability: 'view',
    type: 'function',
  },
  {
    inputs: [{ internalType: 'bytes[]', name: 'data', type: 'bytes[]' }],
    name: 'multicall',
    outputs: [{ internalType: 'bytes[]', name: 'results', type: 'bytes[]' }],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [{ internalType: 'bytes32', name: 'logId', type: 'bytes32' }],
    name: 'ownerOf',
    outputs: [{ internalType: 'address', name: '', type: 'address' }],
    stateMutability: 'view',
    type: 'function',
  },
  {
    inputs: [{ internalType: 'bytes32', name: 'logId', type: 'bytes32' }],
    name: 'pauseLog',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [{ internalType: 'bytes32', name: 'logId', type: 'bytes32' }],
    name: 'pendingOwnerOf',
    outputs: [{ internalType: 'address', name: '', type: 'address' }],
    stateMutability: 'view',
    type: 'function',
  },
  {
    inputs: [
      { internalType: 'bytes32', name: 'logId', type: 'bytes32' },
      { internalType: 'address', name: 'submitter', type: 'address' },
    ],
    name: 'registerLog',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [
      { internalType: 'bytes32', name: 'logId', type: 'bytes32' },
      { internalType: 'address', name: 'submitter', type: 'address' },
    ],
    name: 'removeSubmitter',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [{ internalType: 'bytes32', name: 'logId', type: 'bytes32' }],
    name: 'submittersOf',
    outputs: [{ internalType: 'address[]', name: '', type: 'address[]' }],
    stateMutability: 'view',
    type: 'function',
  },
  {
    inputs: [
      { internalType: 'bytes32', name: 'logId', type: 'bytes32' },
      { internalType: 'address', name: 'newOwner', type: 'address' },
    ],
    name: 'transferLogOwnership',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [{ internalType: 'bytes32', name: 'logId', type: 'bytes32' }],
    name: 'unpauseLog',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [
      { internalType: 'bytes32', name: 'logId', type: 'bytes32' },
      { internalType: 'bytes32', name: 'leafHash', type: 'bytes32' },
      { internalType: 'uint64', name: 'index', type: 'uint64' },
      { internalType: 'bytes32[]', name: 'proof', type: 'bytes32[]' },
    ],
    name: 'verifyInclusion',
    outputs: [{ internalType: 'bool', name: '', type: 'bool' }],
    stateMutability: 'view',
    type: 'function',
  },
] as const;

/** What a deployment transaction carries. The constructor takes no arguments. */
export const anchorRegistryBytecode =
  '0x6080806040523460155761173a908161001a8239f35b5f80fdfe60806040526004361015610011575f80fd5b5f3560e01c806280f94d14610ab45780630e487edd146109f6578063241b71bb146109ad578063438ac98c1461090b5780635d5221491461087b5780636f0da26c146107575780637dd56411146107155780638f8f851c146106c0578063a2f647d61461061f578063ac9650d8146103c4578063c8bb7b3d146102fe578063ce3096f614610225578063e925334414610205578063eed96158146101ad578063f339e3b21461010e5763fa6e905d146100c8575f80fd5b3461010a57602060031936011261010a576004355f525f602052602073ffffffffffffffffffffffffffffffffffffffff600360405f20015416604051908152f35b5f80fd5b3461010a57602060031936011261010a575f606060405161012e81610c0e565b82815282602082015282604082015201526004355f525f602052608060405f2067ffffffffffffffff60018201549154918160405161016c81610c0e565b848152816020820181851681528160606040850194828860401c1686520195891c168552604051968752511660208601525116604084015251166060820152f35b3461010a57608060031936011261010a5760243567ffffffffffffffff8116810361010a576064359067ffffffffffffffff821161010a576101f6610203923690600401610b77565b9160443590600435610cf1565b005b3461010a5761020361021636610b44565b906102208161117e565b6113c6565b3461010a5761023336610b44565b815f525f602052600260405f20019173ffffffffffffffffffffffffffffffffffffffff83541692836102ce57610203935073ffffffffffffffffffffffffffffffffffffffff33167fffffffffffffffffffffffff000000000000000000000000000000000000000082541617905533817f8f35045495cfbf0a2ae5b31098f7e87fc0ab936697d5d746bb64eccd63c345225f80a36113c6565b83827fb6bd2f84000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b3461010a57602060031936011261010a5760043561031b8161117e565b805f525f602052600160405f200180547801000000000000000000000000000000000000000000000000811615610398577ffffffffffffffffeffffffffffffffffffffffffffffffffffffffffffffffff16905533907f9751182ea222ecf81c7a9ebf74e8a9f3573fe2812d46adab5a7ea292eba3ae6d5f80a3005b827fbaef291c000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b3461010a57602060031936011261010a5760043567ffffffffffffffff811161010a576103f5903690600401610b77565b6040519160206104058185610c57565b5f8452808401917fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0820136843761043b84610c98565b906104496040519283610c57565b8482527fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe061047686610c98565b015f5b8181106106105750505f907fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe181360301915b8681101561055c578060051b8201358381121561010a5782019081359167ffffffffffffffff831161010a578601823603811361010a578261053a61054092898b8e60019860405196879585870137840190838201905f8252519283915e01015f8152037fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe08101835282610c57565b306112ff565b61054a8287610cb0565b526105558186610cb0565b50016104ab565b5050506040519082820192808352815180945260408301938160408260051b8601019301915f955b8287106105915785850386f35b90919293828080837fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc08a600196030186527fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f838b518051918291828752018686015e5f858286010152011601019601920196019592919092610584565b60608482018601528401610479565b3461010a57602060031936011261010a5760043561063c8161117e565b805f525f602052600160405f200178010000000000000000000000000000000000000000000000007ffffffffffffffffeffffffffffffffffffffffffffffffffffffffffffffffff82546106948584831615610bdb565b1617905533907f30a0eb4f4a15550cdf7dbef921ad09154f65a2ffebf0cf114ddce199eb5274315f80a3005b3461010a57602061070b6106d336610b44565b905f525f8352600473ffffffffffffffffffffffffffffffffffffffff60405f20921691016001915f520160205260405f2054151590565b6040519015158152f35b3461010a57602060031936011261010a576004355f525f602052602073ffffffffffffffffffffffffffffffffffffffff600260405f20015416604051908152f35b3461010a57602060031936011261010a57600435805f525f60205260405f2060028101600373ffffffffffffffffffffffffffffffffffffffff825416926107a185851515610ba8565b0180543373ffffffffffffffffffffffffffffffffffffffff82160361084b577fffffffffffffffffffffffff000000000000000000000000000000000000000016905573ffffffffffffffffffffffffffffffffffffffff33167fffffffffffffffffffffffff000000000000000000000000000000000000000082541617905533917f6043113526fe03ccc838112121c46ff1fb8759ff191749eadc323efdca37839f5f80a4005b847fe040606d000000000000000000000000000000000000000000000000000000005f526004523360245260445ffd5b3461010a57608060031936011261010a5760443567ffffffffffffffff8116810361010a576064359067ffffffffffffffff821161010a576108ec6108c66020933690600401610b77565b906004355f525f855260405f209367ffffffffffffffff600186015416906024356111f7565b909182610900575b50506040519015158152f35b5414905082806108f4565b3461010a57600461095461091e36610b44565b61092982939261117e565b825f525f60205273ffffffffffffffffffffffffffffffffffffffff60405f20911693849101611560565b1561097f577f9533cb31fae5fdcb195addbf14af91ad7fbe0c851db76ce22b289c92eebf74605f80a3005b7ff797453e000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b3461010a57602060031936011261010a576004355f525f60205260207801000000000000000000000000000000000000000000000000600160405f200154161515604051908152f35b3461010a57602060031936011261010a576004355f525f602052600460405f2001604051806020835491828152019081935f5260205f20905f5b818110610a9e5750505081610a46910382610c57565b604051918291602083019060208452518091526040830191905f5b818110610a6f575050500390f35b825173ffffffffffffffffffffffffffffffffffffffff16845285945060209384019390920191600101610a61565b8254845260209093019260019283019201610a30565b3461010a5773ffffffffffffffffffffffffffffffffffffffff610ad736610b44565b610ae282939261117e565b825f525f602052600360405f20018282167fffffffffffffffffffffffff0000000000000000000000000000000000000000825416179055169033907f24a87ab1b507c99ae1b02dfe0f1a0e405d829c5de93d1ccc4ec0b0e68da8e03d5f80a4005b600319604091011261010a576004359060243573ffffffffffffffffffffffffffffffffffffffff8116810361010a5790565b9181601f8401121561010a5782359167ffffffffffffffff831161010a576020808501948460051b01011161010a57565b15610bb05750565b7f45726c35000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b15610be35750565b7fccbd55c0000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b6080810190811067ffffffffffffffff821117610c2a57604052565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52604160045260245ffd5b90601f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0910116810190811067ffffffffffffffff821117610c2a57604052565b67ffffffffffffffff8111610c2a5760051b60200190565b8051821015610cc45760209160051b010190565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52603260045260245ffd5b929093835f525f60205260405f2090610d1b33600484016001915f520160205260405f2054151590565b15611128576001820192835490610d4e877801000000000000000000000000000000000000000000000000841615610bdb565b67ffffffffffffffff88169788151580611116575b156110e65767ffffffffffffffff831690818a106110b25781610e35575050505080610e06575091602091817f5e3f85a9626fb512ee9528b7bf29b228f5958af5f0f1f10da79c5f604e5c90a7945b55610dbc426114ff565b6fffffffffffffffff000000000000000077ffffffffffffffff00000000000000000000000000000000610def436114ff565b60801b169160401b168717179055604051908152a3565b847f0a3916f8000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b8594919293945492808b14611059578a811080611047575b156110175767ffffffffffffffff8315968285858a15928361100b575b610e739361147f565b60018284191601161695610ea15f19610e8c89856114c8565b019767ffffffffffffffff5f198601166114c8565b965f9181610ffb575085965b87985b808303610f9e5750815b610f5d5750509083610ece9493921461147f565b80821480610f54575b15610f0b5750505091602091817f5e3f85a9626fb512ee9528b7bf29b228f5958af5f0f1f10da79c5f604e5c90a794610db2565b9185879260a494604051947fe775151600000000000000000000000000000000000000000000000000000000865260048601526024850152604484015260648301526084820152fd5b50858314610ed7565b9097610f9190610f7187878782881061147f565b610f8b610f83600186019589866111e7565b35998a611680565b98611680565b975f198101169081610eba565b9198610fae87878782881061147f565b610fbd600185019488846111e7565b359860018b811603610feb5790610fd7610fdd928b611680565b99611680565b985b60011c9160011c610eb0565b98610ff591611680565b98610fdf565b60019250610cc457863596610ead565b60408311159350610e6a565b8a907f1d9e65db000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b50677fffffffffffffff8b1115610e4d565b50505094959693505050508183036110715750505050565b60849450604051937ff2b56f6a0000000000000000000000000000000000000000000000000000000085526004850152602484015260448301526064820152fd5b89828a7f730b9c37000000000000000000000000000000000000000000000000000000005f5260045260245260445260645ffd5b88887f0d4759bc000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b50677fffffffffffffff891115610d63565b8461114f8173ffffffffffffffffffffffffffffffffffffffff6002860154161515610ba8565b7ff797453e000000000000000000000000000000000000000000000000000000005f526004523360245260445ffd5b805f525f60205273ffffffffffffffffffffffffffffffffffffffff600260405f200154166111af82821515610ba8565b33036111b85750565b7f74c5622b000000000000000000000000000000000000000000000000000000005f526004523360245260445ffd5b9190811015610cc45760051b0190565b67ffffffffffffffff918216949392918216808610801591906112ed575b5080156112e3575b61128457935f9290915f190167ffffffffffffffff165b80830361128f5750815b6112555750500361124e57600191565b505f905f90565b90938383146112845761127790611271600185019486856111e7565b35611680565b935f19810116908161123e565b50505050505f905f90565b91948484146112d7576112a7600185019486846111e7565b356001878116036112c957906112bc91611680565b9460011c9160011c611234565b6112d291611680565b6112bc565b5050505050505f905f90565b506040841161121d565b677fffffffffffffff9150115f611215565b905f8091602081519101845af480806113b3575b156113335750506040513d81523d5f602083013e60203d82010160405290565b1561137a5773ffffffffffffffffffffffffffffffffffffffff907f9996b315000000000000000000000000000000000000000000000000000000005f521660045260245ffd5b3d1561138b576040513d5f823e3d90fd5b7fd6bda275000000000000000000000000000000000000000000000000000000005f5260045ffd5b503d1515806113135750813b1515611313565b9073ffffffffffffffffffffffffffffffffffffffff1690811561145457805f525f6020526113fb82600460405f20016116d5565b15611426577fc7f9a427186b1792e7f27bb8ebfed1bccae28cc36497ad6da6fe922f2fdb63fb5f80a3565b7f7fb87192000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b7f6bed57e1000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b1561148957505050565b9067ffffffffffffffff80927f34dfa507000000000000000000000000000000000000000000000000000000005f52166004521660245260445260645ffd5b81156114d2570490565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52601260045260245ffd5b67ffffffffffffffff811161151b5767ffffffffffffffff1690565b7f6dfcc650000000000000000000000000000000000000000000000000000000005f52604060045260245260445ffd5b8054821015610cc4575f5260205f2001905f90565b906001820191815f528260205260405f20548015155f14611678575f19810181811161164b578254905f19820191821161164b57818103611600575b505050805480156115d3575f1901906115b5828261154b565b5f1982549160031b1b19169055555f526020525f6040812055600190565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52603160045260245ffd5b611636611610611620938661154b565b90549060031b1c9283928661154b565b81939154905f199060031b92831b921b19161790565b90555f528360205260405f20555f808061159c565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52601160045260245ffd5b505050505f90565b60415f9160209360405191600183536001830152602182015260025afa60203d1416905f5191156116ad57565b7fa59c7f76000000000000000000000000000000000000000000000000000000005f5260045ffd5b5f8281526001820160205260409020546117275780549068010000000000000000821015610c2a578261171261162084600180960185558461154b565b90558054925f520160205260405f2055600190565b50505f9056fea164736f6c6343000825000a';

/** Keccak-256 of the code at the contract's address (EXTCODEHASH); the same for every deployment. */
export const anchorRegistryCodeHash = '0x0b98b4b56e0a50e04dbaaa9f00574ccc6aa6961e43c4a6a4eb361d03ecc4a82c';
