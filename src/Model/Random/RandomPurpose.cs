namespace Lockstep.Model.Random;

/// <summary>Purpose of random numbers. It is part of the counter, so no two uses share a block.</summary>
public enum RandomPurpose
{
    /// <summary>The permutation of an epoch.</summary>
    ExampleOrder = 1,

    /// <summary>Dropout masks.</summary>
    Dropout = 2,

    /// <summary>Initial values of weights.</summary>
    Initialization = 3,

    /// <summary>The synthetic digits.</summary>
    SyntheticDigits = 4,

    /// <summary>Which examples of a class are held out.</summary>
    Split = 5,

    /// <summary>How an image is changed in an epoch. The position is the example's index in the set.</summary>
    Augmentation = 6,

    /// <summary>Which values of its options a trial of a sweep has.</summary>
    Sweep = 7,
}
