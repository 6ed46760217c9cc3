using Lockstep.Model.Layers;
using Lockstep.Model.Specs;
using Lockstep.Shared.Secrets;

namespace Lockstep.Shared.Streaming;

/// <summary>The maximum payload of each kind of frame, checked before any of it is received.</summary>
public sealed class StreamLimits
{
    /// <summary>Maximum payload of a <see cref="FrameKind.Data"/> or <see cref="FrameKind.Replica"/> frame: 1 MiB.</summary>
    public const int DataBytes = 1 << 20;

    /// <summary>Maximum <see cref="FrameKind.RunSpec"/> payload.</summary>
    public const int RunSpecBytes = 8 << 20;

    /// <summary>Maximum <see cref="FrameKind.Ready"/> payload.</summary>
    public const int ReadyBytes = 4 << 10;

    /// <summary>Maximum payload of a frame with a reason, such as <see cref="FrameKind.Bye"/>. Longer reasons are truncated.</summary>
    public const int ReasonBytes = 2 << 10;

    /// <summary>Maximum <see cref="FrameKind.PeerStatus"/> payload.</summary>
    public const int PeerStatusBytes = 4 << 10;

    private readonly int _tensorBytes;
    private readonly int _gradientBytes;
    private readonly int _sliceBytes;

    private StreamLimits(int tensorBytes, int gradientBytes, int sliceBytes) =>
        (_tensorBytes, _gradientBytes, _sliceBytes) = (tensorBytes, gradientBytes, sliceBytes);

    /// <summary>Limits before the model is known: no weights, no gradients.</summary>
    public static StreamLimits Handshake { get; } = new(0, 0, 0);

    /// <summary>The limits of a run with this model.</summary>
    /// <exception cref="NotSupportedException">The padded parameters do not fit into one frame of 2 GiB.</exception>
    public static StreamLimits For(ParameterLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        long bytes = (long)layout.Length * sizeof(float), gradientBytes = TensorRuns.MaxPayload(layout.TrainableLength);
        if (Math.Max(bytes, gradientBytes) > int.MaxValue)
            throw new NotSupportedException(
                $"The model's parameters take {bytes:N0} bytes with padding; a frame holds at most {int.MaxValue:N0}. "
                    + "Use a smaller model.");
        return new StreamLimits((int)bytes, (int)gradientBytes, layout.TrainableLength * sizeof(float));
    }

    /// <summary>The limits between two workers: slices of so many trained parameters.</summary>
    public static StreamLimits ForSlices(int length) => new(0, 0, length * sizeof(float));

    /// <summary>Maximum payload of a kind, in bytes.</summary>
    public int Of(FrameKind kind) => kind switch
    {
        FrameKind.Hello => Hello.MaxBytes,
        FrameKind.Peer => Hello.MaxPeerBytes,
        FrameKind.PeerStatus => PeerStatusBytes,
        FrameKind.RunSpec => RunSpecBytes,
        FrameKind.Data or FrameKind.Replica => DataBytes,
        FrameKind.Ready => ReadyBytes,
        FrameKind.Assign => (RunSpec.MaxShards + 1) * sizeof(uint),
        FrameKind.Frozen or FrameKind.Weights => _tensorBytes,
        FrameKind.Gradient => _gradientBytes,
        FrameKind.SliceAddress => Hello.MaxPeerBytes,
        FrameKind.SlicePlan => SliceOffer.MaxBytes,
        FrameKind.SliceLinks => sizeof(uint) + ReasonBytes,
        FrameKind.SliceWeights or FrameKind.SliceGradient => _sliceBytes,
        FrameKind.Challenge => SecretProof.NonceBytes,
        FrameKind.Proof => SecretProof.Bytes,
        FrameKind.SharedMemory => SharedTensors.OfferBytes,
        FrameKind.SharedWeights or FrameKind.SharedGradient => SharedTensors.SlotBytes,
        FrameKind.Bye or FrameKind.Refusal or FrameKind.Leaving => ReasonBytes,
        _ => 0,
    };
}
