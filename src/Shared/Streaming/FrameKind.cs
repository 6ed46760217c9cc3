using Lockstep.Shared.Packing;

namespace Lockstep.Shared.Streaming;

/// <summary>What a frame of the tensor stream carries.</summary>
public enum FrameKind : byte
{
    /// <summary>Worker -> coordinator, first where there is no secret: a one-time token and the worker's id. Answer: <see cref="RunSpec"/> or <see cref="Refusal"/>.</summary>
    Hello = 1,

    /// <summary>Coordinator -> worker: the run spec (<see cref="RunSpecCodec"/>).</summary>
    RunSpec = 2,

    /// <summary>Coordinator -> worker: a piece of the training images (<see cref="DatasetTransfer"/>).</summary>
    Data = 3,

    /// <summary>Worker -> coordinator: spec and data are checked; the payload proves the worker's numerics. Answer: <see cref="Assign"/> or <see cref="Refusal"/>.</summary>
    Ready = 4,

    /// <summary>Coordinator -> worker: the tree nodes that the worker computes from now on.</summary>
    Assign = 5,

    /// <summary>Coordinator -> worker: the trained parameters at a step, as float32 in the layout of the model. Answer: one <see cref="Gradient"/> a node.</summary>
    Weights = 6,

    /// <summary>Worker -> coordinator: the gradient sum of one tree node, in the layout of the trained parameters.</summary>
    Gradient = 7,

    /// <summary>Either way, always last: the sender leaves in good order, and why, in UTF-8.</summary>
    Bye = 8,

    /// <summary>Coordinator -> worker, always last: it will have nothing of this worker, and why, in UTF-8.</summary>
    Refusal = 9,

    /// <summary>Coordinator -> worker, once, before the first <see cref="Weights"/>, where the model has frozen parameters: these, as float32 in its layout.</summary>
    Frozen = 10,

    /// <summary>Worker -> coordinator: it wants to leave, and why, in UTF-8. It answers what it was asked; then comes <see cref="Bye"/>.</summary>
    Leaving = 11,

    /// <summary>Either way, before <see cref="Hello"/> or <see cref="Peer"/> where there is a secret: a nonce for the other side's <see cref="Proof"/>. The dialer begins.</summary>
    Challenge = 12,

    /// <summary>Either way, after <see cref="Hello"/> or <see cref="Peer"/> where there is a secret: the dialer knows it, then the listener (<see cref="StreamProof"/>).</summary>
    Proof = 13,

    /// <summary>Coordinator -> worker on the same machine: an offer of <see cref="SharedTensors"/>. The answer is the same kind without payload, or nothing: then all stays on the stream.</summary>
    SharedMemory = 14,

    /// <summary>Coordinator -> worker, in place of <see cref="Weights"/>: the slot of shared memory that has them, as uint32.</summary>
    SharedWeights = 15,

    /// <summary>Worker -> coordinator, in place of <see cref="Gradient"/>: the slot of shared memory that has it, as uint32.</summary>
    SharedGradient = 16,

    /// <summary>Leading coordinator -> standby: a piece of a file of its run folder (<see cref="ReplicaFile"/>); the step is the offset. No answer.</summary>
    Replica = 17,

    /// <summary>
    /// Leading coordinator -> standby: the pieces sent so far are the whole file, as it is now; of a checkpoint, the step is its step. Answer to
    /// a checkpoint: <see cref="Replicated"/>.
    /// </summary>
    ReplicaWhole = 18,

    /// <summary>Standby -> leading coordinator: the checkpoint of this step is safely on its disk.</summary>
    Replicated = 19,

    /// <summary>Either way, at any time after the handshake, without payload: the sender is there. No answer.</summary>
    Ping = 20,

    /// <summary>
    /// Dialing coordinator -> coordinator, in place of <see cref="Hello"/>: the dialer's own HOST:PORT in UTF-8. Answer: <see cref="PeerStatus"/>
    /// or <see cref="Refusal"/>.
    /// </summary>
    Peer = 21,

    /// <summary>Coordinator -> the coordinator that dialed it, some times a second: how it stands, in MessagePack.</summary>
    PeerStatus = 22,

    /// <summary>Dialing coordinator -> coordinator, once: send all that you save. Answer: <see cref="Replica"/> frames, and <see cref="ReplicaWhole"/>.</summary>
    Follow = 23,
}
