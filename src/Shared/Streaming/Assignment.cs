using System.Buffers.Binary;
using Lockstep.Model.Reduction;

namespace Lockstep.Shared.Streaming;

/// <summary>The steps that an assignment applies to.</summary>
public enum AssignmentKind : byte
{
    /// <summary>From the frame's step on, until the next one: the worker's nodes by the roster. Replaces the previous assignment.</summary>
    FromThisStepOn = 0,

    /// <summary>In the frame's step only, and in addition: nodes that a lost worker owed.</summary>
    InThisStepToo = 1,
}

/// <summary>
/// Payload of an <see cref="FrameKind.Assign"/> frame: the kind, then the tree nodes to compute, each as a little-endian uint32.
/// </summary>
public static class Assignment
{
    /// <summary>Encodes an assignment.</summary>
    public static byte[] Encode(AssignmentKind kind, IReadOnlyList<TreeNode> nodes)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        byte[] payload = new byte[sizeof(uint) * (nodes.Count + 1)];
        BinaryPrimitives.WriteUInt32LittleEndian(payload, (uint)kind);
        for (int i = 0; i < nodes.Count; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(payload.AsSpan(sizeof(uint) * (i + 1)), nodes[i].ToKey());
        return payload;
    }

    /// <summary>Receives the payload of an Assign frame.</summary>
    /// <exception cref="StreamException">The stream ended, or the payload is not an assignment within the tree.</exception>
    public static (AssignmentKind Kind, IReadOnlyList<TreeNode> Nodes) Receive(
        FrameStream stream, in FrameHeader header, ReductionTree tree)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(tree);
        byte[] payload = new byte[header.PayloadLength];
        stream.ReceivePayload(header, payload);
        return Decode(payload, stream.Peer, tree);
    }

    /// <summary>Decodes an assignment.</summary>
    /// <param name="payload">The encoded assignment.</param>
    /// <param name="peer">The sender, for the error.</param>
    /// <param name="tree">The tree of the nodes.</param>
    /// <exception cref="StreamException">It is not an assignment within the tree.</exception>
    public static (AssignmentKind Kind, IReadOnlyList<TreeNode> Nodes) Decode(ReadOnlySpan<byte> payload, string peer, ReductionTree tree)
    {
        ArgumentNullException.ThrowIfNull(tree);
        if (payload.Length < sizeof(uint) || payload.Length % sizeof(uint) != 0)
            throw new StreamException(
                StreamError.BadContent, peer, $"got an assignment of {payload.Length} bytes; expected a multiple of 4.");
        var kind = (AssignmentKind)BinaryPrimitives.ReadUInt32LittleEndian(payload);
        if (!Enum.IsDefined(kind))
            throw new StreamException(StreamError.BadContent, peer, $"got an assignment of kind {(uint)kind}.");
        var nodes = new TreeNode[payload.Length / sizeof(uint) - 1];
        for (int i = 0; i < nodes.Length; i++)
        {
            nodes[i] = TreeNode.FromKey(BinaryPrimitives.ReadUInt32LittleEndian(payload[(sizeof(uint) * (i + 1))..]));
            if (!tree.Contains(nodes[i]))
                throw new StreamException(
                    StreamError.BadContent, peer,
                    $"got an assignment of node {nodes[i]}, which a tree of {tree.Shards} shards does not have.");
        }

        return (kind, nodes);
    }
}
