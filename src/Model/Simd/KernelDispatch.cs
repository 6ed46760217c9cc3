using System.Runtime.Intrinsics;

namespace Lockstep.Model.Simd;

/// <summary>Chooses the form of the kernels once per process: the widest that this machine accelerates.</summary>
public static class KernelDispatch
{
    /// <summary>Environment variable that overrides the choice: <c>scalar</c>, <c>128</c>, <c>256</c> or <c>512</c>. Read once.</summary>
    public const string Variable = "LOCKSTEP_KERNELS";

    // Lazy instead of a static initialiser, so that a wrong value is reported as its own error, not as a TypeInitializationException.
    private static readonly Lazy<SimdWidth> Choice = new(() => Choose(Environment.GetEnvironmentVariable(Variable)));

    /// <summary>The form in use.</summary>
    /// <exception cref="InvalidOperationException"><c>LOCKSTEP_KERNELS</c> names no form, or one that this machine lacks.</exception>
    public static SimdWidth Width => Choice.Value;

    /// <summary>The forms that this machine accelerates, from the scalar reference up.</summary>
    public static IReadOnlyList<SimdWidth> Available { get; } =
    [
        SimdWidth.Scalar,
        .. Vector128.IsHardwareAccelerated ? [SimdWidth.Bits128] : Array.Empty<SimdWidth>(),
        .. Vector256.IsHardwareAccelerated ? [SimdWidth.Bits256] : Array.Empty<SimdWidth>(),
        .. Vector512.IsHardwareAccelerated ? [SimdWidth.Bits512] : Array.Empty<SimdWidth>(),
    ];

    /// <summary>The form for a value of <see cref="Variable"/>; null or empty is the widest available.</summary>
    /// <exception cref="InvalidOperationException">The value names no form, or one that this machine lacks.</exception>
    public static SimdWidth Choose(string? value)
    {
        SimdWidth width = value switch
        {
            null or "" => Available[^1],
            "scalar" => SimdWidth.Scalar,
            "128" => SimdWidth.Bits128,
            "256" => SimdWidth.Bits256,
            "512" => SimdWidth.Bits512,
            _ => throw new InvalidOperationException(
                $"{Variable} is '{value}'; expected scalar, 128, 256 or 512. Unset it to use the widest vectors of this machine."),
        };
        return Available.Contains(width)
            ? width
            : throw new InvalidOperationException(
                $"{Variable} asks for {value}-bit vectors, which this machine does not accelerate; it has {string.Join(", ", Available)}.");
    }
}
