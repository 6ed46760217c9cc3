using Lockstep.Shared.Packing;

namespace Lockstep.Shared.Streaming;

/// <summary>What a frame of the tensor stream carries.</summary>
public enum FrameKind : byte
{
    /// <summary>
    /// Worker -> coordinator, first if there is no secret: a one-time token and the worker's id. Answered by <see cref="RunSpec"/> or
    /// <see cref="Refusal"/>.
    /// </summary>
    Hello = 1,

    /// <summary>Coordinator -> worker: the run spec (<see cref="RunSpecCodec"/>).</summary>
    RunSpec = 2,

    /// <summary>
    /// Coordinator -> worker: a piece of the training examples (<see cref="DatasetTransfer"/>). Worker -> coordinator: asks for them.
    /// </summary>
    Data = 3,

    /// <summary>
    /// Worker -> coordinator: spec and data are valid. The payload is the worker's numerics fingerprint. Answered by <see cref="Assign"/>
    /// or <see cref="Refusal"/>.
    /// </summary>
    Ready = 4,

    /// <summary>Coordinator -> worker: the tree nodes that the worker computes from now on.</summary>
    Assign = 5,

    /// <summary>
    /// Coordinator -> worker: the trained parameters at a step, as float32 in the layout of the model. Answered by one
    /// <see cref="Gradient"/> a node.
    /// </summary>
    Weights = 6,

    /// <summary>Worker -> coordinator: the gradient sum of one tree node, in the layout of the trained parameters.</summary>
    Gradient = 7,

    /// <summary>Both directions, always last: the sender ends the stream in good order. The payload is the reason in UTF-8.</summary>
    Bye = 8,

    /// <summary>Coordinator -> worker, always last: the worker is refused. The payload is the reason in UTF-8.</summary>
    Refusal = 9,

    /// <summary>
    /// Coordinator -> worker, once, after <see cref="RunSpec"/>, if the model has frozen parameters: their values, as float32 in its layout.
    /// </summary>
    Frozen = 10,

    /// <summary>
    /// Worker -> coordinator: it wants to leave. The payload is the reason in UTF-8. It answers earlier requests until <see cref="Bye"/>
    /// comes.
    /// </summary>
    Leaving = 11,

    /// <summary>
    /// Both directions, before <see cref="Hello"/> or <see cref="Peer"/> if there is a secret: a nonce for the other side's
    /// <see cref="Proof"/>. The dialer begins.
    /// </summary>
    Challenge = 12,

    /// <summary>
    /// Both directions, after <see cref="Hello"/> or <see cref="Peer"/> if there is a secret: proof of the secret, first by the dialer,
    /// then by the listener (<see cref="StreamProof"/>).
    /// </summary>
    Proof = 13,

    /// <summary>
    /// Coordinator -> worker on the same machine: an offer of <see cref="SharedTensors"/>. The worker accepts with the same kind without
    /// payload, or stays on the stream.
    /// </summary>
    SharedMemory = 14,

    /// <summary>Coordinator -> worker, instead of <see cref="Weights"/>: the shared-memory slot that holds them, as uint32.</summary>
    SharedWeights = 15,

    /// <summary>Worker -> coordinator, instead of <see cref="Gradient"/>: the shared-memory slot that holds it, as uint32.</summary>
    SharedGradient = 16,

    /// <summary>
    /// Leader -> standby: a piece of a file of its run folder (<see cref="ReplicaFile"/>); the step is the offset. No answer.
    /// </summary>
    Replica = 17,

    /// <summary>
    /// Leader -> standby: the pieces so far are the whole file as it is now. For a checkpoint, the step is its step, and the answer is
    /// <see cref="Replicated"/>.
    /// </summary>
    ReplicaWhole = 18,

    /// <summary>Standby -> leader: the checkpoint of this step is on its disk.</summary>
    Replicated = 19,

    /// <summary>
    /// Both directions, at any time after the handshake, without payload: keep-alive. A worker answers its coordinator with one that has the
    /// compute time of its newest step, if that was made in slices. No other answer.
    /// </summary>
    Ping = 20,

    /// <summary>
    /// Dialing coordinator -> coordinator, instead of <see cref="Hello"/>: the dialer's own HOST:PORT in UTF-8. Answered by
    /// <see cref="PeerStatus"/> or <see cref="Refusal"/>.
    /// </summary>
    Peer = 21,

    /// <summary>Coordinator -> the coordinator that dialed it, several times a second: its status in MessagePack.</summary>
    PeerStatus = 22,

    /// <summary>
    /// Dialing coordinator -> coordinator, once: send everything that you save. Answered by <see cref="Replica"/> and
    /// <see cref="ReplicaWhole"/> frames.
    /// </summary>
    Follow = 23,

    /// <summary>
    /// Coordinator -> worker, without payload: where do other workers reach you? Worker -> coordinator: HOST:PORT in UTF-8. Workers add up
    /// slices of the gradient for each other (<see cref="Slicing.SlicePlan"/>).
    /// </summary>
    SliceAddress = 24,

    /// <summary>
    /// Coordinator -> worker: connect to these workers (<see cref="SliceOffer"/>). Answered by <see cref="SliceLinks"/>; the plan is used
    /// once all of its workers have connected.
    /// </summary>
    SlicePlan = 25,

    /// <summary>
    /// Worker -> worker, without payload: it has the plan whose number is the node. Worker -> coordinator, without payload: it has heard so
    /// from all workers that it exchanges slices with; or it cannot reach one: the payload is its number, as little-endian uint32, and the
    /// reason in UTF-8.
    /// </summary>
    SliceLinks = 26,

    /// <summary>Coordinator -> worker -> worker: a slice of the trained parameters at a step.</summary>
    SliceWeights = 27,

    /// <summary>Worker -> worker -> coordinator: a slice of the gradient sum of one tree node.</summary>
    SliceGradient = 28,
}
