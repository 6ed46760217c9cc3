
namespace Lockstep.Model.Simd;

/// <summary>
/// The vector operations of the kernels at one width. A kernel's body is generic over this, and the runtime compiles it for each width. All
/// operations act lane by lane and round like their scalar forms.
/// </summary>
internal interface ISimd<TVector>
    where TVector : struct
{
    /// <summary>Floats of one vector.</summary>
    static abstract int Width { get; }

    static abstract TVector Zero { get; }

    static abstract TVector Broadcast(float value);

    static abstract TVector Load(ref readonly float source, nint offset);

    static abstract void Store(TVector vector, ref float destination, nint offset);

    static abstract TVector Add(TVector left, TVector right);

    static abstract TVector Subtract(TVector left, TVector right);

    static abstract TVector Multiply(TVector left, TVector right);

    static abstract TVector Divide(TVector left, TVector right);

    /// <summary>The square root, correctly rounded.</summary>
    static abstract TVector Sqrt(TVector vector);

    /// <summary>left · right + addend, rounded once.</summary>
    static abstract TVector FusedMultiplyAdd(TVector left, TVector right, TVector addend);

    /// <summary>Sets all bits of a lane if left is greater; none if it is not, or one is NaN.</summary>
    static abstract TVector GreaterThan(TVector left, TVector right);

    /// <summary>Sets all bits of a lane if left is less than or equal to right; none if it is greater, or one is NaN.</summary>
    static abstract TVector LessThanOrEqual(TVector left, TVector right);

    /// <summary>One bit a lane, from the lowest: set unless the lane is +0 or -0.</summary>
    static abstract uint NonZeroLanes(TVector vector);

    /// <summary>Bitwise and.</summary>
    static abstract TVector And(TVector left, TVector right);

    /// <summary>Bitwise left and not right.</summary>
    static abstract TVector AndNot(TVector left, TVector right);

    /// <summary>Bitwise exclusive or.</summary>
    static abstract TVector Xor(TVector left, TVector right);

    /// <summary>All lanes with these bits.</summary>
    static abstract TVector BroadcastBits(uint value);

    /// <summary>Lanes with the bits start, start + 1, ...</summary>
    static abstract TVector SequenceBits(uint start);

    /// <summary>Lower (0) or upper (1) half of each lane's bits, as a number.</summary>
    static abstract TVector HalfBits(TVector vector, int half);

    /// <summary>Sets all bits of a lane if left is less, both taken as integers below 2^31.</summary>
    static abstract TVector LessThanBits(TVector left, TVector right);

    /// <summary>The 64-bit product of each lane, taken as a 32-bit integer, with <paramref name="factor"/>, equal in all lanes.</summary>
    static abstract void MultiplyBits(TVector vector, TVector factor, out TVector high, out TVector low);

    /// <summary>Adds the square of each lane, in double precision, to the sum at its index from <paramref name="offset"/> on.</summary>
    static abstract void AddSquares(TVector vector, ref double sums, nint offset);

    /// <summary>2^n from n + 1.5·2^23, for whole n in -126..127: see <see cref="Exponential"/>.</summary>
    static abstract TVector PowerOfTwo(TVector shifted);
}
