using System.Buffers;
using Lockstep.Model.Layers;
using Lockstep.Model.Memory;
using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;
using Lockstep.Shared.Files;
using Lockstep.Shared.Packing;
using MessagePack;

namespace Lockstep.Shared.Checkpoints;

/// <summary>
/// The checkpoint file: one MessagePack map, then the SHA-256 of all bytes before it. The digest is checked before anything is parsed,
/// and every length against what remains before anything is allocated.
/// </summary>
/// <remarks>
/// The map's entries, in this order:
/// <code>
/// format         "lockstep-checkpoint"
/// version        1 to 6
/// length         uint64, always 9 bytes: size of the file, digest included
/// runId          16 hexadecimal digits
/// term           int
/// spec           map, see RunSpecCodec
/// step           int
/// unreported     [lossSum float64, correct int, examples int]; if the spec has a rule that stops it, then also its state:
///                best float64 or nil, bestStep int, sinceBest int
/// weightsSha256  64 hexadecimal digits, see Lockstep.Model.Training.WeightsDigest
/// parameters     array of [name, shape [int...], "f32", bytes: row-major little-endian float32], layer by layer, weights before biases
/// velocities     version 1: the same for the momentum, of the parameters that are trained; empty where the spec has none
/// slots          from version 2 on: array of [name, the same for this part of the optimizer's state]
/// </code>
/// A checkpoint is written as the first version that can hold it: 1 for gradient descent, 2 for other optimizers, 3 for data that were
/// prepared, 4 for Nesterov momentum, clipped gradients, smoothed labels and class weights, 5 for runs that may stop early, 6 for
/// augmented images.
/// </remarks>
public static class CheckpointCodec
{
    /// <summary>Latest version of the format, that of its run spec; earlier ones are read, too.</summary>
    public const int Version = RunSpecCodec.Version;

    /// <summary>Encodes a checkpoint as the content of a file.</summary>
    /// <exception cref="ArgumentException">Its tensors are not those of its spec, or not finite.</exception>
    /// <exception cref="NotSupportedException">It takes more than 2 GiB.</exception>
    public static byte[] Encode(Checkpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        return NonFiniteIn(checkpoint) is { } problem
            ? throw new ArgumentException($"A checkpoint that is not finite: {problem}.")
            : EncodeAny(checkpoint);
    }

    /// <summary>Encodes a checkpoint with NaN or infinity, as earlier versions wrote them.</summary>
    internal static byte[] EncodeAny(Checkpoint checkpoint)
    {
        LittleEndianMachine.Require();
        var layout = new ParameterLayout(checkpoint.Spec.Model);
        TensorPacking.Check(checkpoint.Parameters, layout.ByLayer);
        TensorPacking.CheckSlots(checkpoint, layout);
        long tensorBytes = checkpoint.Parameters.Concat(checkpoint.Slots.SelectMany(slot => slot.Tensors)).Sum(
            tensor => (long)tensor.Values.Length * sizeof(float));
        const int roomForTheRest = 1 << 20, commonlyTaken = 1 << 14;
        if (tensorBytes > Array.MaxLength - roomForTheRest)
            throw new NotSupportedException(
                $"The checkpoint's tensors take {tensorBytes:N0} bytes; at most {Array.MaxLength - roomForTheRest:N0} are supported. "
                    + "Use a smaller model.");
        var buffer = new ArrayBufferWriter<byte>((int)tensorBytes + commonlyTaken);
        buffer.Write(CheckpointEnvelope.Beginning);
        var writer = new MessagePackWriter(buffer);
        int version = RunSpecCodec.VersionOf(checkpoint.Spec);
        writer.Write(version);
        writer.Write("length");
        writer.WriteUInt64(0); // Set at the end.
        writer.Write("runId");
        writer.Write(checkpoint.RunId);
        writer.Write("term");
        writer.Write(checkpoint.Term);
        writer.Write("spec");
        RunSpecCodec.Write(ref writer, checkpoint.Spec);
        writer.Write("step");
        writer.Write(checkpoint.Step);
        writer.Write("unreported");
        bool stops = checkpoint.Spec.Stop is not null;
        writer.WriteArrayHeader(stops ? 3 + StopCodec.StateValues : 3);
        writer.Write(checkpoint.Unreported.LossSum);
        writer.Write(checkpoint.Unreported.Correct);
        writer.Write(checkpoint.Unreported.Examples);
        if (stops)
            StopCodec.WriteState(ref writer, checkpoint.Stopping);
        writer.Write("weightsSha256");
        writer.Write(checkpoint.WeightsSha256);
        writer.Write("parameters");
        TensorPacking.Write(ref writer, checkpoint.Parameters);
        TensorPacking.WriteSlots(ref writer, checkpoint, version);
        writer.Flush();
        return CheckpointEnvelope.Seal(buffer.WrittenSpan);
    }

    /// <summary>Decodes and verifies the content of a file.</summary>
    /// <param name="bytes">The content.</param>
    /// <param name="file">The file's name, for errors.</param>
    /// <param name="mayBeNonFinite">Whether to accept NaN and infinity, for display only.</param>
    /// <exception cref="CheckpointException">It is not a checkpoint that this build can read, or not finite.</exception>
    public static Checkpoint Decode(ReadOnlyMemory<byte> bytes, string file, bool mayBeNonFinite = false)
    {
        LittleEndianMachine.Require();
        ReadOnlyMemory<byte> document = CheckpointEnvelope.Open(bytes, file);
        Checkpoint checkpoint;
        try
        {
            checkpoint = PackReading.Decode(document, "checkpoint", ReadDocument);
        }
        catch (FormatException e)
        {
            throw new CheckpointException(CheckpointError.Invalid, file, $"is inconsistent, although its SHA-256 is correct. {e.Message} "
                + "Use another one, or the version of Lockstep that wrote it.", e);
        }

        return !mayBeNonFinite && NonFiniteIn(checkpoint) is { } problem
            ? throw new CheckpointException(
                CheckpointError.NotFinite, file,
                $"is of a run that diverged: {problem}. Look at it with 'lockstep inspect'; train with an earlier one.")
            : checkpoint;
    }

    /// <summary>Reads and verifies a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mayBeNonFinite">Whether to accept NaN and infinity, for display only.</param>
    /// <exception cref="CheckpointException">
    /// The file does not exist, is not a checkpoint that this build can read, or is not finite.
    /// </exception>
    public static Checkpoint Read(string path, bool mayBeNonFinite = false) => Read(path, Disk.OfThisMachine, mayBeNonFinite);

    internal static Checkpoint Read(string path, Disk disk, bool mayBeNonFinite = false)
    {
        byte[] bytes;
        try
        {
            using Stream stream = disk.OpenToRead(path);
            bytes = CheckpointEnvelope.ReadAll(stream, path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CheckpointException(CheckpointError.NotFound, path, "does not exist.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(CheckpointError.Io, path, $"cannot be read: {e.Message}", e);
        }

        return Decode(bytes, path, mayBeNonFinite);
    }

    private static string? NonFiniteIn(Checkpoint checkpoint) => NonFiniteValues.Join(
    [
        .. checkpoint.Parameters.Select(tensor => NonFiniteValues.Describe(tensor.Name, tensor.Shape, tensor.Values)),
        .. checkpoint.Slots.SelectMany(
            slot => slot.Tensors.Select(tensor => NonFiniteValues.Describe($"{slot.Name} of {tensor.Name}", tensor.Shape, tensor.Values))),
        double.IsFinite(checkpoint.Unreported.LossSum) ? null : $"its loss is {checkpoint.Unreported.LossSum}",
    ]);

    private static Checkpoint ReadDocument(ref MessagePackReader reader)
    {
        reader.ExpectMap(CheckpointEnvelope.Entries);
        reader.ExpectKey("format");
        reader.ReadText(CheckpointEnvelope.Format.Length);
        reader.ExpectKey("version");
        int version = reader.ReadInt32("version", 1, Version);
        reader.ExpectKey("length");
        reader.ReadUInt64();
        reader.ExpectKey("runId");
        string runId = reader.ReadText(16);
        if (runId.Length != 16 || !runId.All(char.IsAsciiHexDigitLower))
            throw PackReading.OutOfRange("runId", $"'{runId}'", "16 lower-case hexadecimal digits");
        reader.ExpectKey("term");
        int term = reader.ReadInt32("term", 0, int.MaxValue);
        reader.ExpectKey("spec");
        RunSpec spec = RunSpecCodec.Read(ref reader);
        reader.ExpectKey("step");
        long step = reader.ReadInt64("step", 0, spec.TotalSteps);
        reader.ExpectKey("unreported");
        reader.ExpectArray(spec.Stop is null ? 3 : 3 + StopCodec.StateValues);
        double lossSum = reader.ReadDouble();
        long examplesOfRun = spec.TotalSteps * spec.BatchSize;
        long correct = reader.ReadInt64("correct", 0, examplesOfRun);
        long examples = reader.ReadInt64("examples", correct, examplesOfRun);
        StopState stopping = spec.Stop is null ? default : StopCodec.ReadState(ref reader, step);
        reader.ExpectKey("weightsSha256");
        string weightsSha256 = reader.ReadSha256("weightsSha256");
        var layout = new ParameterLayout(spec.Model);
        reader.ExpectKey("parameters");
        IReadOnlyList<NamedTensor> parameters = TensorPacking.Read(ref reader, layout.ByLayer);
        if (version != RunSpecCodec.VersionOf(spec))
            throw PackReading.OutOfRange("version", version, $"{RunSpecCodec.VersionOf(spec)}, as its run spec is of that version");
        OptimizerSlot[] slots = TensorPacking.ReadSlots(ref reader, spec.Optimizer.Slots, layout, version);
        string actual = DigestOf(parameters);
        if (actual != weightsSha256)
            throw PackReading.OutOfRange("weightsSha256", weightsSha256, $"{actual}, the digest of its parameters");
        return new Checkpoint
        {
            RunId = runId,
            Term = term,
            Spec = spec,
            Step = step,
            Parameters = parameters,
            Slots = slots,
            Unreported = new NodeStatistics(lossSum, correct, examples),
            Stopping = stopping,
            WeightsSha256 = weightsSha256,
        };
    }

    private static string DigestOf(IReadOnlyList<NamedTensor> parameters)
    {
        using var digest = new WeightsDigest();
        foreach (NamedTensor tensor in parameters.OrderBy(tensor => tensor.Name, StringComparer.Ordinal))
            digest.Append(tensor.Name, tensor.Shape, tensor.Values);
        return digest.ToHexString();
    }
}
