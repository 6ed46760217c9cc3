using System.Buffers;
using System.Net;
using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;
using Lockstep.Shared.Packing;
using MessagePack;

namespace Lockstep.Shared.Streaming;

/// <summary>
/// Payload of a <see cref="FrameKind.SlicePlan"/> frame: the workers of a plan, in the order of the plan, and the receiver's place among
/// them. A MessagePack array of number, rows, place, and an array of number, address, token and nodes for each worker.
/// </summary>
/// <param name="Number">Number of the plan, from 1 in a term.</param>
/// <param name="Rows">Number of rows, from 1 to the number of workers.</param>
/// <param name="Place">The receiver's place.</param>
/// <param name="Workers">All workers.</param>
public sealed record SliceOffer(int Number, int Rows, int Place, IReadOnlyList<SliceWorker> Workers)
{
    /// <summary>Maximum length of an encoded offer.</summary>
    public const int MaxBytes = 4 << 20;

    /// <summary>Encodes the offer.</summary>
    public byte[] Encode()
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        var writer = new MessagePackWriter(buffer);
        writer.WriteArrayHeader(4);
        writer.Write(Number);
        writer.Write(Rows);
        writer.Write(Place);
        writer.WriteArrayHeader(Workers.Count);
        foreach (SliceWorker worker in Workers)
        {
            writer.WriteArrayHeader(4);
            writer.Write(worker.Number);
            writer.Write(worker.Address.ToString());
            writer.Write(worker.Token.Span);
            writer.WriteArrayHeader(worker.Nodes.Count);
            foreach (TreeNode node in worker.Nodes)
                writer.Write(node.ToKey());
        }

        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Decodes an offer.</summary>
    /// <param name="encoded">The bytes.</param>
    /// <param name="tree">The tree of the nodes.</param>
    /// <exception cref="FormatException">The bytes are something else, or name nodes that the tree does not have.</exception>
    public static SliceOffer Decode(byte[] encoded, ReductionTree tree)
    {
        ArgumentNullException.ThrowIfNull(tree);
        return PackReading.Decode(encoded, "slice plan", (ref MessagePackReader reader) => Read(ref reader, tree));
    }

    /// <summary>The address in a <see cref="FrameKind.SliceAddress"/> payload or an offer; null if nobody can be reached at it.</summary>
    public static IPEndPoint? AddressOf(string text) =>
        IPEndPoint.TryParse(text, out IPEndPoint? address) && address.Port > 0
            && !address.Address.Equals(IPAddress.Any) && !address.Address.Equals(IPAddress.IPv6Any)
            ? address
            : null;

    private static SliceOffer Read(ref MessagePackReader reader, ReductionTree tree)
    {
        reader.ExpectArray(4);
        int number = reader.ReadInt32("number of the plan", 1, int.MaxValue), rows = reader.ReadInt32("rows", 1, RunSpec.MaxShards);
        int place = reader.ReadInt32("place", 0, RunSpec.MaxShards - 1);
        var isTaken = new bool[tree.Shards];
        var workers = new SliceWorker[reader.ReadCount(Math.Max(rows, place + 1), RunSpec.MaxShards)];
        for (int i = 0; i < workers.Length; i++)
        {
            reader.ExpectArray(4);
            int worker = reader.ReadInt32("number of the worker", 1, int.MaxValue);
            string text = reader.ReadText(Hello.MaxPeerBytes);
            IPEndPoint address = AddressOf(text) ?? throw new FormatException($"'{text}' is no address of a worker.");
            byte[] token = reader.ReadBlock(0, StreamTokens.TokenBytes).ToArray();
            if (token.Length is not (0 or StreamTokens.TokenBytes))
                throw new FormatException($"a token of {token.Length} bytes, expected {StreamTokens.TokenBytes}.");
            if (Array.Exists(workers[..i], other => other.Number == worker))
                throw new FormatException($"worker {worker} twice.");
            var nodes = new TreeNode[reader.ReadCount(1, tree.Shards)];
            for (int j = 0; j < nodes.Length; j++)
            {
                nodes[j] = TreeNode.FromKey(reader.ReadUInt32());
                if (!tree.Contains(nodes[j]))
                    throw new FormatException($"node {nodes[j]}, which a tree of {tree.Shards} shards does not have.");
                Span<bool> shards = isTaken.AsSpan(nodes[j].FirstShard..tree.EndShard(nodes[j]));
                if (shards.Contains(true))
                    throw new FormatException($"node {nodes[j]}, of which another one has shards.");
                shards.Fill(true);
            }

            workers[i] = new SliceWorker(worker, address, token, nodes);
        }

        return new SliceOffer(number, rows, place, workers);
    }
}

/// <summary>A worker of a <see cref="SliceOffer"/>.</summary>
/// <param name="Number">The coordinator's number of it.</param>
/// <param name="Address">Where the others reach it.</param>
/// <param name="Token">
/// The token by which the receiver and this worker know each other: that with the higher number dials and presents it. Empty if they do not
/// connect.
/// </param>
/// <param name="Nodes">Its nodes.</param>
public sealed record SliceWorker(int Number, IPEndPoint Address, ReadOnlyMemory<byte> Token, IReadOnlyList<TreeNode> Nodes);
