using System.Runtime.CompilerServices;
using Lockstep.Model.Simd;

namespace Lockstep.Model.Kernels;

/// <summary>How a <see cref="LaneTile{TSimd, TVector, TLeft}"/> reads its left operand.</summary>
internal interface ILaneOperand
{
    /// <summary>The factor of every lane.</summary>
    static abstract TVector Load<TSimd, TVector>(ref float source, nint offset)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct;
}

/// <summary>One number for all lanes: a weight.</summary>
internal readonly struct SharedByLanes : ILaneOperand
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TSimd, TVector>(ref float source, nint offset)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct => TSimd.Broadcast(Unsafe.Add(ref source, offset));
}

/// <summary>One number a lane: an example's.</summary>
internal readonly struct OneALane : ILaneOperand
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TSimd, TVector>(ref float source, nint offset)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct => TSimd.Load(ref source, offset);
}
